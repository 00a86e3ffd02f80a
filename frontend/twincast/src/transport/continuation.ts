/**
 * What a sender needs to go on with a stream whose former sender was lost with everything that it kept. Plain data.
 */
import type { Gap } from "../model/stream";
import type { HashedRange } from "../protocol/messages";

/** Numbers of its own for each sender's connections: what a lost one has opened last, nobody knows. */
export const CONNECTIONS_PER_SENDER = 2 ** 32;

/** A chunk that got its number and is not known to be acknowledged. */
export interface NumberedChunk {
  /** Its own, or of what was too large for one chunk the last one's. */
  readonly seq: number;
  /** As `seq`; of what was too large for one chunk the first one's. */
  readonly firstSeq: number;
  /** Null where it only made a gap longer. */
  readonly segment: number | null;
  /** When its oldest media was captured, ms since the epoch. */
  readonly capturedFrom: number;
  /** When its newest media was captured, ms since the epoch. */
  readonly capturedTo: number;
  /** Of its payload. */
  readonly bytes: number;
}

export interface Continuation {
  /** The first seq that is not known to be acknowledged. */
  readonly resumeFrom: number;
  /** When the newest media below `resumeFrom` was captured; null where there is none. */
  readonly acknowledgedTo: number | null;
  /** From `resumeFrom` on, ascending. What the backend has of them it says itself; the others are lost. */
  readonly numbered: readonly NumberedChunk[];
  /** Above the number of every connection of the former sender. */
  readonly firstConnection: number;
  /** The lowest number that the former sender gave to no segment. */
  readonly nextSegment: number;
  /** What was acknowledged, as the former sender knew it. */
  readonly ranges: readonly HashedRange[];
  /** Whether what came next of the last range's segment went on with that range. */
  readonly lastRangeIsOpen: boolean;
  readonly gaps: readonly Gap[];
  readonly chunks: number;
  readonly bytes: number;
}

/** What of a lost sender's chunks arrived after all, and the gap for the others. */
export interface Settlement {
  readonly arrived: readonly NumberedChunk[];
  readonly arrivedChunks: number;
  readonly arrivedBytes: number;
  /** When the newest media that the backend has was captured; null where it has none. */
  readonly arrivedTo: number | null;
}

/** @param nextSeq what the backend's first `ready` says. */
export function settle(continues: Continuation, nextSeq: number): Settlement {
  const arrived = continues.numbered.filter(({ seq }) => seq < nextSeq);
  return {
    arrived,
    arrivedChunks: Math.max(0, nextSeq - continues.resumeFrom),
    arrivedBytes: arrived.reduce((sum, { bytes }) => sum + bytes, 0),
    arrivedTo: arrived.at(-1)?.capturedTo ?? continues.acknowledgedTo,
  };
}
