/**
 * What a sender asks of the place where chunks outlive its page, and what such a place gives back to the next page. The
 * place itself is not transport's: it is handed in, and may come late or never.
 */
import type { Gap } from "@/model/stream";
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

export interface Journal {
  /** Begins anew: what it held is gone. @param state asked whenever it is to be written. */
  begin(state: () => JournalState): void;
  /** Goes on with what was stored. */
  resume(state: () => JournalState): void;
  /** What it held is gone, and nothing is written until it begins anew. */
  clear(): void;
  /** @param message a chunk as it goes on the wire. @returns null where there is no room for it. */
  chunk(message: Uint8Array): Place | null;
  /** In the place of all that was stored between its ends. @returns null where there is no room for it. */
  gap(gap: StoredGap): Place | null;
  /** Writes the state as it is now. */
  note(): void;
  /** @throws when it cannot be read any more. */
  read(place: Place): Uint8Array<ArrayBuffer>;
  /** Nobody needs these any more. */
  free(places: readonly Place[]): void;
  /** Has what was written outlive the device's power, too. */
  flush(): void;
  /** Whether the last record found room. */
  readonly hasRoom: boolean;
}
