/**
 * When what is kept is written down, so that it outlives the page, and what of it stays in memory. While everything is
 * acknowledged in time nothing is written. From then on every chunk is, before it is sent: what a backend may have of this
 * stream, the journal has or had.
 */
import type { StorageState } from "@/model/stream";
import type { Journal, JournalState } from "./journal";
import type { ChunkEntry, Outbox, OutboxEntry, OutboxLimits, OutboxWatcher } from "./outbox";

/** What waits longer for its acknowledgement, beyond the path's own time, is written down. */
export const SPILL_AFTER_MS = 1_000;
/** For so long all must be well before nothing is written any more. */
const CALM_MS = 2_000;
/** How often acknowledgements are written down, and what was written is flushed. */
export const NOTE_EVERY_MS = 1_000;

type State =
  | { readonly kind: "opening" | "none" }
  | { readonly kind: "idle"; readonly journal: Journal; readonly limits: OutboxLimits }
  | {
      readonly kind: "writing";
      readonly journal: Journal;
      readonly limits: OutboxLimits;
      calmSince: number | null;
      notedAt: number;
      notedFrom: number;
      /** Something found no room. */
      isBehind: boolean;
    };

export class Spill implements OutboxWatcher {
  readonly #outbox: Outbox;
  readonly #describe: () => JournalState;
  #state: State = { kind: "opening" };
  #isExposed = false;
  /** What a former page wrote stays until it is verified. */
  #isRestored = false;

  constructor(outbox: Outbox, describe: () => JournalState) {
    this.#outbox = outbox;
    this.#describe = describe;
  }

  get status(): StorageState {
    const state = this.#state;
    return state.kind === "writing" && state.isBehind ? "full" : state.kind;
  }

  /** From now on there is a journal. @param limits of all that may be kept with it. */
  attach(journal: Journal, limits: OutboxLimits): void {
    if (this.#state.kind === "opening") this.#state = { kind: "idle", journal, limits };
  }

  /** There is none, and none will come. */
  doWithout(): void {
    if (this.#state.kind === "opening") this.#state = { kind: "none" };
  }

  /** Goes on with what a former page wrote, of which the outbox was made. */
  resume(journal: Journal, limits: OutboxLimits, now: number): void {
    this.#isRestored = true;
    journal.resume(this.#describe);
    this.#write(journal, limits, now);
  }

  /** Whether the page may be gone at any moment: it is hidden, or about to be frozen. */
  setExposed(isExposed: boolean): void {
    this.#isExposed = isExposed;
  }

  /** @param waitMs how long the oldest chunk has waited, beyond what its path takes. */
  follow(now: number, waitMs: number): void {
    const state = this.#state;
    switch (state.kind) {
      case "opening":
      case "none":
        return;
      case "idle":
        if (!this.#isExposed && waitMs <= SPILL_AFTER_MS) return;
        state.journal.begin(this.#describe);
        this.#write(state.journal, state.limits, now);
        this.#storeAll();
        return;
      case "writing":
        if (state.isBehind) this.#storeAll();
        if (now - state.notedAt >= NOTE_EVERY_MS) this.#note(state, now);
        if (this.#isRestored || this.#isExposed || waitMs > SPILL_AFTER_MS || !this.#isInMemory)
          state.calmSince = null;
        else state.calmSince ??= now;
        if (state.calmSince !== null && now - state.calmSince >= CALM_MS) this.#rest(state);
        return;
    }
  }

  /** The message of a chunk, from memory or from the journal. @throws when it cannot be read any more. */
  messageOf(entry: ChunkEntry): Uint8Array<ArrayBuffer> {
    if (entry.message) return entry.message;
    const state = this.#state;
    if (!entry.place || state.kind !== "writing") throw new Error(`Chunk ${entry.from} lies nowhere.`);
    return state.journal.read(entry.place);
  }

  /** Something that another page has to know changed. */
  changedState(): void {
    if (this.#state.kind === "writing") this.#state.journal.note();
  }

  opened(): void {
    this.changedState();
  }

  changed(entry: OutboxEntry): void {
    const state = this.#state;
    if (state.kind !== "writing") return;
    const place =
      entry.kind === "gap" ? state.journal.gap(entry) : state.journal.chunk(this.messageOf(entry));
    if (place) this.#outbox.store(entry, place);
    else state.isBehind = true;
  }

  dropped(entries: readonly OutboxEntry[]): void {
    const state = this.#state;
    if (state.kind === "writing") state.journal.free(entries.flatMap(({ place }) => place ?? []));
  }

  #write(journal: Journal, limits: OutboxLimits, now: number): void {
    const notedFrom = this.#outbox.resumeFrom;
    this.#state = {
      kind: "writing",
      journal,
      limits,
      calmSince: null,
      notedAt: now,
      notedFrom,
      isBehind: false,
    };
    this.#outbox.watch(this, limits);
  }

  #storeAll(): void {
    const state = this.#state;
    if (state.kind !== "writing") return;
    state.isBehind = false;
    for (const entry of this.#outbox.entries) {
      if (!entry.place) this.changed(entry);
      if (state.isBehind) return;
    }
  }

  #note(state: Extract<State, { kind: "writing" }>, now: number): void {
    const { resumeFrom } = this.#outbox;
    state.notedAt = now;
    if (resumeFrom !== state.notedFrom) state.journal.note();
    state.notedFrom = resumeFrom;
    state.journal.flush();
  }

  get #isInMemory(): boolean {
    return this.#outbox.entries.every((entry) => entry.kind === "gap" || entry.message);
  }

  /** All is well: memory has what little is kept. */
  #rest({ journal, limits }: Extract<State, { kind: "writing" }>): void {
    for (const entry of this.#outbox.entries) this.#outbox.store(entry, null);
    this.#outbox.watch(null, null);
    this.#state = { kind: "idle", journal, limits };
    journal.clear();
  }
}
