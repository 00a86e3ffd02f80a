/**
 * What a page has to store of a stream so that another page can go on with it. Plain data.
 */
import type { Gap } from "../model/stream";
import type { HashedRange, SegmentDescription } from "../protocol/messages";

/** Where a record lies. Only the journal that gave it can read it. */
export interface Place {
  readonly file: number;
  readonly at: number;
  readonly bytes: number;
}

/** What another page needs beside the chunks and gaps to go on with the stream. Plain data, kept as JSON. */
export interface JournalState {
  /** The first seq that is not acknowledged. */
  readonly resumeFrom: number;
  /** Of the chunks that are kept, by number. */
  readonly segments: readonly (readonly [number, SegmentDescription])[];
  /** Of what was acknowledged. */
  readonly ranges: readonly HashedRange[];
  /** Whether the next chunk of the last range's segment goes on with that range. */
  readonly lastRangeIsOpen: boolean;
  readonly gaps: readonly Gap[];
  readonly chunks: number;
  readonly bytes: number;
  /** The first number of this sender's connections. */
  readonly firstConnection: number;
  /** ms since the epoch, on the clock of the page that recorded. */
  readonly startedAt: number;
  readonly muted: boolean;
}

export interface StoredChunk {
  readonly kind: "chunk";
  readonly seq: number;
  readonly segment: number;
  readonly capturedFrom: number;
  readonly capturedTo: number;
  readonly place: Place;
}

/** As an outbox keeps it. */
export interface StoredGap extends Omit<Gap, "ms"> {
  readonly kind: "gap";
  readonly capturedFrom: number | null;
  readonly capturedTo: number | null;
}

/** A stream as a journal has it: what follows `state.resumeFrom` without a hole. */
export interface StoredStream {
  readonly state: JournalState;
  readonly entries: readonly (StoredChunk | StoredGap)[];
}
