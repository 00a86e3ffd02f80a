/**
 * The bounded buffer of chunks that are not acknowledged yet: numbers them, gives them out in order, takes them back
 * after a cut, and turns what it cannot keep into gaps. Pure: the caller brings the time.
 *
 * Every seq that it numbers is given out in a chunk or in exactly one gap. A chunk that was ever sent is kept until it
 * is acknowledged (the backend may have it), so only chunks that were never sent become a gap; a refused chunk is the
 * one exception. Beyond its limits the oldest go first, a whole segment at a time, because the rest of a segment does
 * not decode without its beginning.
 *
 * A gap is as long as the hole that it leaves: it reaches from the newest media before it to the oldest after it, so
 * that it is told when that is there, or when none will come.
 */
import type { EncodedChunk } from "../model/media";
import type { Gap, GapReason } from "../model/stream";
import { encodeChunk, HEADER_BYTES, renumberChunk, SAFE_CHUNK_BYTES } from "../protocol/frames";
import type { SegmentDescription } from "../protocol/messages";
import type { Place, StoredStream } from "./journal";

export interface OutboxLimits {
  readonly maxBytes: number;
  /** Of media kept, however much was given up in between. */
  readonly maxMs: number;
}

/** What follows the outbox to write down what it keeps. */
export interface OutboxWatcher {
  /** A segment was opened: its description is to be known before its first chunk. */
  opened(): void;
  /** A chunk or a gap came, or changed. */
  changed(entry: OutboxEntry): void;
  /** These are kept no more. */
  dropped(entries: readonly OutboxEntry[]): void;
}

export interface ChunkEntry {
  readonly kind: "chunk";
  readonly from: number;
  readonly to: number;
  readonly segment: number;
  /** Header and payload, as it goes on the wire; null while it lies in the journal alone. */
  message: Uint8Array<ArrayBuffer> | null;
  /** Of the message. */
  readonly bytes: number;
  /** Where the journal has it, or null where it has it not. */
  place: Place | null;
  readonly capturedFrom: number;
  readonly capturedTo: number;
  readonly pushedAt: number;
  sentAt: number;
}

/** Where an outbox goes on in place of one that was lost: everything that the lost one kept is one gap. */
export interface LostOutbox {
  /** The first seq of the gap. */
  readonly from: number;
  /** Its last one, as far as is known. */
  readonly to: number;
  /** When the first media of it was captured; null where it numbered none. */
  readonly capturedFrom: number | null;
  /** When its last was. */
  readonly capturedTo: number | null;
  readonly nextSegment: number;
}

export interface GapEntry {
  readonly kind: "gap";
  readonly from: number;
  readonly to: number;
  /** When the newest media before it was captured, or the oldest of its own where there is none; null: not known yet. */
  readonly capturedFrom: number | null;
  /** When the oldest media after it was captured; as long as there is none, the newest of its own. */
  readonly capturedTo: number | null;
  readonly reason: GapReason;
  readonly pushedAt: number;
  sentAt: number;
  /** Where the journal has it, or null where it has it not. */
  place: Place | null;
}

/** The seqs of what came in one call. */
export interface Numbers {
  readonly firstSeq: number;
  readonly seq: number;
  /** Null where it only made a gap longer. */
  readonly segment: number | null;
}

export type OutboxEntry = ChunkEntry | GapEntry;

/** `lost`: a gap cut the segment short, and what its encoder still brings extends the gap until the next one opens. */
type SegmentState =
  | { readonly kind: "none" }
  | { readonly kind: "open"; readonly number: number; readonly empty: boolean }
  | { readonly kind: "lost"; readonly reason: GapReason };

const NEVER = Number.NEGATIVE_INFINITY;

export class Outbox {
  readonly #limits: OutboxLimits;
  /** Of all that is kept, with what the journal has. */
  #storedLimits: OutboxLimits | null = null;
  #watcher: OutboxWatcher | null = null;
  #entries: OutboxEntry[] = [];
  #segments = new Map<number, SegmentDescription>();
  #segment: SegmentState = { kind: "none" };
  #nextSegment = 0;
  #nextSeq = 0;
  /** Index in `#entries` of what goes out next on this connection. */
  #cursor = 0;
  #highestSent = -1;
  #keptBytes = 0;
  #keptMs = 0;
  /** Of these in the journal. */
  #storedBytes = 0;
  #storedMs = 0;
  /** When the newest media was captured. */
  #capturedTo = 0;
  /** When the newest media that has left was captured. */
  #releasedTo: number | null = null;
  #inFlightBytes = 0;
  /** What the backend has of a lost outbox: to be told, or told. */
  #lost: "none" | "unsettled" | "settled" = "none";
  #isEnded = false;

  constructor(limits: OutboxLimits, lost?: LostOutbox, now = 0) {
    this.#limits = limits;
    if (!lost) return;
    const { from, capturedFrom, capturedTo } = lost;
    const to = Math.max(from, lost.to);
    const reason = "worker-lost";
    this.#entries = [
      { kind: "gap", from, to, capturedFrom, capturedTo, reason, pushedAt: now, sentAt: NEVER, place: null },
    ];
    this.#lost = "unsettled";
    this.#nextSeq = to + 1;
    this.#nextSegment = lost.nextSegment;
    this.#segment = { kind: "lost", reason: "worker-lost" };
  }

  /** Goes on with what a former page stored, of which any may have been sent. Nothing more comes to it. */
  static restore(limits: OutboxLimits, { state, entries }: StoredStream, now: number): Outbox {
    const outbox = new Outbox(limits);
    outbox.#segments = new Map(state.segments);
    for (const stored of entries) {
      // Nothing could be said of such a segment to a backend.
      if (stored.kind === "chunk" && !outbox.#segments.has(stored.segment)) break;
      outbox.#entries.push(entryOf(stored, now));
    }
    for (const entry of outbox.#entries) {
      if (entry.kind === "gap") continue;
      outbox.#keptBytes += entry.bytes;
      outbox.#keptMs += durationMs(entry);
    }
    outbox.#storedBytes = outbox.#keptBytes;
    outbox.#storedMs = outbox.#keptMs;
    outbox.#nextSeq = (outbox.#entries.at(-1)?.to ?? state.resumeFrom - 1) + 1;
    outbox.#highestSent = outbox.#nextSeq - 1;
    outbox.#isEnded = true;
    return outbox;
  }

  /** Has what is kept from now on written down. @param limits of all that is kept then; null: no more. */
  watch(watcher: OutboxWatcher | null, limits: OutboxLimits | null): void {
    this.#watcher = watcher;
    this.#storedLimits = limits;
  }

  /** Everything that is not acknowledged, in order. */
  get entries(): readonly OutboxEntry[] {
    return this.#entries;
  }

  /** The descriptions of the segments of what is kept. */
  get segments(): readonly (readonly [number, SegmentDescription])[] {
    return [...this.#segments];
  }

  /** The journal has it: unless it is on its way, memory need not. @param place null: it has it no more. */
  store(entry: OutboxEntry, place: Place | null): void {
    if (entry.kind === "chunk") {
      const sign = Number(place !== null) - Number(entry.place !== null);
      this.#storedBytes += sign * entry.bytes;
      this.#storedMs += sign * durationMs(entry);
      if (place && !this.#isInFlight(entry)) entry.message = null;
    }
    entry.place = place;
  }

  /**
   * The backend has chunks beyond those that a former page had stored: this record of them ends early. A gap of nothing
   * says so.
   */
  endEarly(nextSeq: number, now: number): void {
    if (nextSeq <= this.#nextSeq) return;
    this.#nextSeq = nextSeq + 1;
    const gap = { from: nextSeq, to: nextSeq, capturedFrom: null, capturedTo: null } as const;
    this.#exchange(this.#entries.length, 0, {
      kind: "gap",
      ...gap,
      reason: "worker-lost",
      pushedAt: now,
      sentAt: NEVER,
      place: null,
    });
  }

  #isInFlight(entry: OutboxEntry): boolean {
    const last = this.#entries[this.#cursor - 1];
    return last !== undefined && entry.to <= last.to;
  }

  /**
   * The backend has said what of a lost outbox it has: the gap begins at `from`. Where chunks below `from` arrived that
   * nobody here knew of, what was numbered since moves up. Only before anything was sent.
   *
   * @param arrivedTo when the newest media that the backend has was captured; null where it has none.
   * @returns from which seq on, and how far, what was numbered since moved up.
   */
  settleLost(from: number, arrivedTo: number | null): { from: number; by: number } {
    const gap = this.#entries[0];
    if (gap?.kind !== "gap" || this.#lost !== "unsettled")
      throw new Error("Nothing was lost, or it was told already.");
    this.#lost = "settled";
    const shift = Math.max(0, from - gap.to);
    this.#entries = this.#entries.map((entry, index) => {
      if (index === 0)
        return { ...gap, from, to: gap.to + shift, capturedFrom: arrivedTo ?? gap.capturedFrom };
      const moved = { ...entry, from: entry.from + shift, to: entry.to + shift };
      if (moved.kind === "chunk" && moved.message && shift > 0) renumberChunk(moved.message, moved.from);
      return moved;
    });
    this.#nextSeq += shift;
    if (this.#isEnded) this.#forgetEmptyLoss();
    return { from: gap.to + 1, by: shift };
  }

  /**
   * No media comes any more that would say how long a gap is.
   *
   * @param recordedTo when recording ended: what a lost outbox would have brought until then is lost, too.
   */
  end(recordedTo?: number): void {
    this.#isEnded = true;
    const last = this.#entries.at(-1);
    if (recordedTo !== undefined && isUntoldGap(last) && last.reason === "worker-lost") {
      const capturedTo = Math.max(recordedTo, last.capturedTo ?? recordedTo);
      this.#exchange(this.#entries.length - 1, 1, { ...last, capturedTo, place: null });
    }
    this.#forgetEmptyLoss();
  }

  /** The first seq that is not acknowledged: `hello.resumeFrom`. */
  get resumeFrom(): number {
    return this.#entries[0]?.from ?? this.#nextSeq;
  }

  /** The lowest number that no segment has. */
  get nextSegment(): number {
    return this.#nextSegment;
  }

  /** The highest seq that was numbered, -1 before the first. */
  get lastSeq(): number {
    return this.#nextSeq - 1;
  }

  /** The highest seq that was ever sent, -1 before the first. */
  get highestSent(): number {
    return this.#highestSent;
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  get keptBytes(): number {
    return this.#keptBytes;
  }

  /** What of it is media. */
  get keptPayloadBytes(): number {
    return this.#keptBytes - this.keptChunks * HEADER_BYTES;
  }

  /** Of what is kept: what does not lie in the journal. */
  get unstoredBytes(): number {
    return this.#keptBytes - this.#storedBytes;
  }

  /** Media kept, without what was given up in between. */
  get keptMs(): number {
    return this.#entries.length === 0 ? 0 : Math.max(0, this.#keptMs);
  }

  get keptChunks(): number {
    return this.#entries.reduce((sum, entry) => sum + (entry.kind === "chunk" ? 1 : 0), 0);
  }

  /** Gaps that the backend has not acknowledged; the last one may still grow. */
  get pendingGaps(): readonly Gap[] {
    return this.#entries.filter((entry) => entry.kind === "gap").map(gapOf);
  }

  /** Sent on this connection and not acknowledged. */
  get inFlightBytes(): number {
    return this.#inFlightBytes;
  }

  /** When the oldest entry that could be sent was pushed, or null when there is none. */
  get oldestPushedAt(): number | null {
    return this.#mayGrow(this.#entries[0]) ? null : (this.#entries[0]?.pushedAt ?? null);
  }

  /** How much media that entry holds; 0 when there is none. */
  get oldestMs(): number {
    const [oldest] = this.#entries;
    return oldest && !this.#mayGrow(oldest) ? durationMs(oldest) : 0;
  }

  /** The size of the oldest message in flight; 0 when there is none. */
  get oldestInFlightBytes(): number {
    const [oldest] = this.#entries;
    return this.#cursor > 0 && oldest ? sizeOf(oldest) : 0;
  }

  /** Media of the open segment that was never sent. */
  get openSegmentUnsentMs(): number {
    const open = this.#segment;
    if (open.kind !== "open") return 0;
    let ms = 0;
    for (let index = this.#entries.length - 1; index >= 0; index--) {
      const entry = this.#entries[index] as OutboxEntry;
      if (entry.from <= this.#highestSent || !isChunkOf(entry, open.number)) break;
      ms += durationMs(entry);
    }
    return ms;
  }

  /** When the oldest chunk that a skip would give up was pushed, or null when there is none. */
  get oldestUnsentPushedAt(): number | null {
    const unsent = this.#entries.find((entry) => entry.kind === "chunk" && entry.from > this.#highestSent);
    return unsent?.pushedAt ?? null;
  }

  /** When the oldest entry in flight was sent, or null when there is none. */
  get oldestInFlightSentAt(): number | null {
    return this.#cursor > 0 ? (this.#entries[0]?.sentAt ?? null) : null;
  }

  /** Whether what the encoder brings now belongs to a segment that a gap cut short. */
  get needsSegment(): boolean {
    return this.#segment.kind === "lost";
  }

  describe(segment: number): SegmentDescription | undefined {
    return this.#segments.get(segment);
  }

  openSegment(description: SegmentDescription): number {
    const number = this.#nextSegment++;
    this.#segments.set(number, description);
    this.#segment = { kind: "open", number, empty: true };
    this.#watcher?.opened();
    return number;
  }

  /**
   * Numbers the chunk and keeps it, split where it is larger than every backend takes. Beyond its limits it gives up
   * the oldest of what was never sent.
   */
  push(chunk: EncodedChunk, now: number): Numbers {
    const parts = split(chunk);
    const segment = this.#segment;
    switch (segment.kind) {
      case "none":
        throw new Error("A chunk came before its segment was opened.");
      case "lost": {
        const seqs = parts.map((part) => this.#extendGap(part, segment.reason, now));
        return numbersOf(seqs, null);
      }
      case "open": {
        const { number, empty } = segment;
        const seqs = parts.map((part, index) => this.#append(number, part, empty && index === 0, false, now));
        this.#segment = { ...segment, empty: false };
        while (this.#isOverfull() && this.#giveUpOldest(now, this.#isMemoryFull()));
        return numbersOf(seqs, number);
      }
    }
  }

  /**
   * Ends the open segment with an empty last chunk: what was its last chunk may have been sent already.
   *
   * @returns null where no segment is open that has a chunk.
   */
  closeSegment(now: number): Numbers | null {
    const segment = this.#segment;
    this.#segment = { kind: "none" };
    if (segment.kind !== "open" || segment.empty) return null;
    const at = this.#capturedTo;
    const end = { payload: EMPTY, capturedFrom: at, capturedTo: at, keyFrame: false };
    return numbersOf([this.#append(segment.number, end, false, true, now)], segment.number);
  }

  /** What goes out next, or undefined when nothing does. A gap waits for the media after it, which says its length. */
  peek(): OutboxEntry | undefined {
    const entry = this.#entries[this.#cursor];
    return this.#mayGrow(entry) ? undefined : entry;
  }

  /** Marks what `peek` gave as sent. */
  markSent(now: number): void {
    const entry = this.#entries[this.#cursor];
    if (!entry) throw new Error("Nothing was peeked.");
    entry.sentAt = now;
    this.#cursor++;
    this.#highestSent = Math.max(this.#highestSent, entry.to);
    this.#inFlightBytes += sizeOf(entry);
  }

  /** @returns the entries up to `seq`, which leave the outbox. */
  acknowledge(seq: number): OutboxEntry[] {
    let count = 0;
    while (count < this.#entries.length && (this.#entries[count] as OutboxEntry).to <= seq) count++;
    const released = this.#entries.splice(0, count);
    released.forEach((entry, index) => {
      this.#drop(entry);
      if (index < this.#cursor) this.#inFlightBytes -= sizeOf(entry);
    });
    this.#cursor = Math.max(0, this.#cursor - count);
    this.#releasedTo = released.at(-1)?.capturedTo ?? this.#releasedTo;
    this.#forgetSegments();
    return released;
  }

  /** Another connection: everything that is not acknowledged goes out again. */
  rewind(): void {
    for (const entry of this.#entries.slice(0, this.#cursor)) {
      if (entry.kind === "chunk" && entry.place) entry.message = null;
    }
    this.#cursor = 0;
    this.#inFlightBytes = 0;
  }

  /** Gives up every chunk that was never sent. */
  skip(reason: GapReason, now: number): void {
    const index = this.#entries.findIndex((entry) => entry.from > this.#highestSent);
    if (index >= 0) this.#replaceWithGap(index, this.#entries.length, reason, now);
  }

  /** Gives up a chunk that the backend refuses, with the rest of its segment. */
  refuse(seq: number, now: number): void {
    const index = this.#entries.findIndex((entry) => entry.kind === "chunk" && entry.from === seq);
    const refused = this.#entries[index];
    if (refused?.kind !== "chunk") return;
    let end = index;
    while (isChunkOf(this.#entries[end], refused.segment)) end++;
    this.#replaceWithGap(index, end, "too-large", now);
  }

  #append(segment: number, part: EncodedChunk, first: boolean, last: boolean, now: number): number {
    const { capturedFrom, capturedTo, keyFrame } = part;
    this.#closeGap(capturedFrom);
    const seq = this.#nextSeq++;
    const header = { segment, seq, first, last, keyFrame, capturedFrom, capturedTo };
    const message = encodeChunk(header, part.payload);
    this.#keptBytes += message.byteLength;
    this.#keptMs += capturedTo - capturedFrom;
    this.#capturedTo = capturedTo;
    const entry: ChunkEntry = {
      kind: "chunk",
      from: seq,
      to: seq,
      segment,
      message,
      bytes: message.byteLength,
      place: null,
      capturedFrom,
      capturedTo,
      pushedAt: now,
      sentAt: NEVER,
    };
    this.#entries.push(entry);
    this.#watcher?.changed(entry);
    return seq;
  }

  /**
   * Gives up what was never sent of the oldest segment that has such chunks.
   * @param inMemory of what the journal has not.
   * @returns whether there was any.
   */
  #giveUpOldest(now: number, inMemory: boolean): boolean {
    let start = this.#entries.findIndex(
      (entry) => entry.kind === "chunk" && entry.from > this.#highestSent && !(inMemory && entry.place),
    );
    const oldest = this.#entries[start];
    if (oldest?.kind !== "chunk") return false;
    let end = start;
    while (isChunkOf(this.#entries[end], oldest.segment)) end++;
    // One gap of those that touch, as long as nobody was told of any.
    if (isUntoldGap(this.#entries[start - 1])) start--;
    if (isUntoldGap(this.#entries[end])) end++;
    this.#replaceWithGap(start, end, "outbox-full", now);
    return true;
  }

  #extendGap({ capturedFrom: from, capturedTo }: EncodedChunk, reason: GapReason, now: number): number {
    const seq = this.#nextSeq++;
    const last = this.#entries.at(-1);
    if (isUntoldGap(last)) {
      this.#exchange(this.#entries.length - 1, 1, { ...last, to: seq, capturedTo, place: null });
    } else {
      const capturedFrom = last?.capturedTo ?? this.#releasedTo ?? from;
      const span = { capturedFrom, capturedTo };
      const gap = { from: seq, to: seq, ...span, reason, pushedAt: now, sentAt: NEVER, place: null };
      this.#exchange(this.#entries.length, 0, { kind: "gap", ...gap });
    }
    return seq;
  }

  /** Media goes on at this time of capture: the gap before it, if any, ends here. */
  #closeGap(at: number): void {
    const last = this.#entries.at(-1);
    if (!isUntoldGap(last)) return;
    this.#exchange(this.#entries.length - 1, 1, { ...last, capturedTo: at, place: null });
    this.#forgetEmptyLoss();
  }

  /** Where the backend has all of a lost outbox after all, nothing is told; the stream goes on, or ends, from there. */
  #forgetEmptyLoss(): void {
    const [gap] = this.#entries;
    if (this.#lost !== "settled" || !isUntoldGap(gap) || gap.reason !== "worker-lost") return;
    if (this.#entries.length > 1 || durationMs(gap) > 0) return;
    this.#entries = [];
    this.#nextSeq = gap.from;
  }

  #replaceWithGap(start: number, end: number, reason: GapReason, now: number): void {
    const dropped = this.#entries.slice(start, end);
    const first = dropped[0] as OutboxEntry;
    const last = dropped.at(-1) as OutboxEntry;
    const before = start > 0 ? this.#entries[start - 1]?.capturedTo : this.#releasedTo;
    const gap: GapEntry = {
      kind: "gap",
      from: first.from,
      to: last.to,
      capturedFrom: before ?? first.capturedFrom,
      capturedTo: this.#entries[end]?.capturedFrom ?? last.capturedTo,
      reason: first.kind === "gap" ? first.reason : reason,
      pushedAt: now,
      sentAt: NEVER,
      place: null,
    };
    dropped.forEach((entry, index) => {
      this.#drop(entry);
      if (start + index < this.#cursor) this.#inFlightBytes -= sizeOf(entry);
    });
    this.#exchange(start, dropped.length, gap);
    this.#cursor = Math.min(this.#cursor, start);
    const open = this.#segment;
    if (open.kind === "open" && dropped.some((entry) => isChunkOf(entry, open.number))) {
      this.#segment = { kind: "lost", reason: gap.reason };
    }
    this.#forgetSegments();
  }

  /** A gap in the place of what is kept no more. */
  #exchange(start: number, count: number, gap: GapEntry): void {
    const dropped = this.#entries.splice(start, count, gap);
    this.#watcher?.changed(gap);
    this.#watcher?.dropped(dropped);
  }

  #drop(entry: OutboxEntry): void {
    if (entry.kind === "gap") return;
    this.#keptBytes -= sizeOf(entry);
    this.#keptMs -= durationMs(entry);
    if (!entry.place) return;
    this.#storedBytes -= sizeOf(entry);
    this.#storedMs -= durationMs(entry);
  }

  /** Whether more may come of it, or after it. */
  #mayGrow(entry: OutboxEntry | undefined): boolean {
    return entry?.kind === "gap" && !this.#isEnded && entry === this.#entries.at(-1);
  }

  #isOverfull(): boolean {
    return this.#isMemoryFull() || this.#isStoreFull();
  }

  #isMemoryFull(): boolean {
    const { maxBytes, maxMs } = this.#limits;
    return this.#keptBytes - this.#storedBytes > maxBytes || this.keptMs - this.#storedMs > maxMs;
  }

  #isStoreFull(): boolean {
    const limits = this.#storedLimits;
    return limits !== null && (this.#keptBytes > limits.maxBytes || this.keptMs > limits.maxMs);
  }

  #forgetSegments(): void {
    const open = this.#segment.kind === "open" ? this.#segment.number : -1;
    const oldest = this.#entries.find((entry) => entry.kind === "chunk");
    const keepFrom = oldest?.kind === "chunk" ? oldest.segment : this.#nextSegment;
    for (const number of this.#segments.keys()) {
      if (number < keepFrom && number !== open) this.#segments.delete(number);
    }
  }
}

const EMPTY = new Uint8Array(0);

/** A gap that was never sent: its figures may still change. */
function isUntoldGap(entry: OutboxEntry | undefined): entry is GapEntry {
  return entry?.kind === "gap" && entry.sentAt === NEVER;
}

function numbersOf(seqs: readonly number[], segment: number | null): Numbers {
  const [firstSeq = Number.NaN] = seqs;
  return { firstSeq, seq: seqs.at(-1) ?? firstSeq, segment };
}

function isChunkOf(entry: OutboxEntry | undefined, segment: number): boolean {
  return entry?.kind === "chunk" && entry.segment === segment;
}

function sizeOf(entry: OutboxEntry): number {
  return entry.kind === "chunk" ? entry.bytes : 0;
}

function durationMs(entry: OutboxEntry): number {
  const { capturedFrom, capturedTo } = entry;
  return capturedFrom === null || capturedTo === null ? 0 : Math.max(0, capturedTo - capturedFrom);
}

/** As both ends are told of it. */
export function gapOf(entry: GapEntry): Gap {
  const { from, to, reason } = entry;
  return { from, to, ms: durationMs(entry), reason };
}

/** The payload of a chunk, a view of its message. */
export function payloadOf(message: Uint8Array<ArrayBuffer>): Uint8Array {
  return message.subarray(HEADER_BYTES);
}

/** What a former page stored, as it is kept again. */
function entryOf(stored: StoredStream["entries"][number], pushedAt: number): OutboxEntry {
  const { capturedFrom, capturedTo } = stored;
  const common = { capturedFrom, capturedTo, pushedAt, sentAt: NEVER };
  if (stored.kind === "gap") {
    const { from, to, reason } = stored;
    return { kind: "gap", from, to, reason, ...common, place: null };
  }
  const { seq, segment, place } = stored;
  const chunk = { from: seq, to: seq, segment, message: null, bytes: place.bytes, place };
  return {
    kind: "chunk",
    ...chunk,
    ...common,
    capturedFrom: stored.capturedFrom,
    capturedTo: stored.capturedTo,
  };
}

/**
 * A recorder may hand over 50 MB at once after a pause. Parts share the chunk's span by their size, so that a gap's
 * length stays right whichever of them it takes.
 */
function split(chunk: EncodedChunk): EncodedChunk[] {
  const { payload, capturedFrom, capturedTo } = chunk;
  if (payload.byteLength <= SAFE_CHUNK_BYTES) return [chunk];
  const timeAt = (byte: number) =>
    capturedFrom + ((capturedTo - capturedFrom) * Math.min(byte, payload.byteLength)) / payload.byteLength;
  const parts: EncodedChunk[] = [];
  for (let start = 0; start < payload.byteLength; start += SAFE_CHUNK_BYTES) {
    parts.push({
      payload: payload.subarray(start, start + SAFE_CHUNK_BYTES),
      capturedFrom: timeAt(start),
      capturedTo: timeAt(start + SAFE_CHUNK_BYTES),
      keyFrame: chunk.keyFrame && start === 0,
    });
  }
  return parts;
}
