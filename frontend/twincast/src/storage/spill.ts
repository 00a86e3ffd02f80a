/**
 * When what is kept is written down, so that it outlives the page, and what of it stays in memory. While everything is
 * acknowledged in time nothing is written. From then on every chunk is, before it is sent: what a backend may have of this
 * stream, the journal has or had.
 */
import type {
  ChunkEntry,
  JournalState,
  Keeper,
  MakeKeeper,
  Outbox,
  OutboxEntry,
  OutboxLimits,
} from "../transport";
import type { Journal } from "./journal";

/** What waits longer for its acknowledgement, beyond the path's own time, is written down. */
export const SPILL_AFTER_MS = 1_000;
/** For so long all must be well before nothing is written any more. */
const CALM_MS = 2_000;
/** How often acknowledgements are written down, and what was written is flushed. */
export const NOTE_EVERY_MS = 1_000;

type State =
  | { readonly kind: "idle" }
  | {
      readonly kind: "writing";
      calmSince: number | null;
      notedAt: number;
      notedFrom: number;
      /** Something found no room. */
      isBehind: boolean;
    };

/** For a stream of this page. @param roomBytes how much it may keep in files. */
export function spillTo(journal: Journal, roomBytes: number): MakeKeeper {
  return (outbox, describe, limits) => {
    // What finds no room there stays in memory, in the bounds of memory.
    const maxBytes = Math.max(limits.outbox.maxBytes, Math.min(limits.stored.maxBytes, roomBytes));
    return new Spill({ outbox, describe, journal, limits: { ...limits.stored, maxBytes } });
  };
}

/** For a stream of a former page, of whose journal the outbox was made. It stays until the stream is over. */
export function resumeFrom(journal: Journal): MakeKeeper {
  return (outbox, describe, { stored }, now) =>
    new Spill({ outbox, describe, journal, limits: stored, restoredAt: now });
}

interface SpillOptions {
  readonly outbox: Outbox;
  readonly describe: () => JournalState;
  readonly journal: Journal;
  /** Of all that may be kept. */
  readonly limits: OutboxLimits;
  readonly restoredAt?: number;
}

class Spill implements Keeper {
  readonly #outbox: Outbox;
  readonly #journal: Journal;
  readonly #options: SpillOptions;
  readonly #isRestored: boolean;
  #state: State = { kind: "idle" };
  #isExposed = false;

  constructor(options: SpillOptions) {
    this.#options = options;
    this.#outbox = options.outbox;
    this.#journal = options.journal;
    this.#isRestored = options.restoredAt !== undefined;
    if (options.restoredAt === undefined) return;
    this.#journal.resume(options.describe);
    this.#write(options.restoredAt);
  }

  get status(): Keeper["status"] {
    const state = this.#state;
    return state.kind === "writing" && state.isBehind ? "full" : state.kind;
  }

  /** Whether the page may be gone at any moment: it is hidden, or about to be frozen. */
  setExposed(isExposed: boolean): void {
    this.#isExposed = isExposed;
  }

  /** @param waitMs how long the oldest chunk has waited, beyond what its path takes. */
  follow(now: number, waitMs: number): void {
    const state = this.#state;
    switch (state.kind) {
      case "idle":
        if (!this.#isExposed && waitMs <= SPILL_AFTER_MS) return;
        this.#journal.begin(this.#options.describe);
        this.#write(now);
        this.#storeAll();
        return;
      case "writing":
        if (state.isBehind) this.#storeAll();
        if (now - state.notedAt >= NOTE_EVERY_MS) this.#note(state, now);
        if (this.#isRestored || this.#isExposed || waitMs > SPILL_AFTER_MS || !this.#isInMemory)
          state.calmSince = null;
        else state.calmSince ??= now;
        if (state.calmSince !== null && now - state.calmSince >= CALM_MS) this.#rest();
        return;
    }
  }

  /** The message of a chunk, from memory or from the journal. @throws when it cannot be read any more. */
  messageOf(entry: ChunkEntry): Uint8Array<ArrayBuffer> {
    if (entry.message) return entry.message;
    if (!entry.place) throw new Error(`Chunk ${entry.from} lies nowhere.`);
    return this.#journal.read(entry.place);
  }

  /** Something that another page has to know changed. */
  changedState(): void {
    if (this.#state.kind === "writing") this.#journal.note();
  }

  opened(): void {
    this.changedState();
  }

  changed(entry: OutboxEntry): void {
    const state = this.#state;
    if (state.kind !== "writing") return;
    const place =
      entry.kind === "gap" ? this.#journal.gap(entry) : this.#journal.chunk(this.messageOf(entry));
    if (place) this.#outbox.store(entry, place);
    else state.isBehind = true;
  }

  dropped(entries: readonly OutboxEntry[]): void {
    if (this.#state.kind === "writing") this.#journal.free(entries.flatMap(({ place }) => place ?? []));
  }

  #write(now: number): void {
    const notedFrom = this.#outbox.resumeFrom;
    this.#state = { kind: "writing", calmSince: null, notedAt: now, notedFrom, isBehind: false };
    this.#outbox.watch(this, this.#options.limits);
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
    if (resumeFrom !== state.notedFrom) this.#journal.note();
    state.notedFrom = resumeFrom;
    this.#journal.flush();
  }

  get #isInMemory(): boolean {
    return this.#outbox.entries.every((entry) => entry.kind === "gap" || entry.message);
  }

  /** All is well: memory has what little is kept. */
  #rest(): void {
    for (const entry of this.#outbox.entries) this.#outbox.store(entry, null);
    this.#outbox.watch(null, null);
    this.#state = { kind: "idle" };
    this.#journal.clear();
  }
}
