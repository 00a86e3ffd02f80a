import type { Gap } from "../model/stream";
import {
  CONNECTIONS_PER_SENDER,
  type Continuation,
  type NumberedChunk,
  type SenderRecord,
} from "../transport";

const NOTHING: SenderRecord = {
  resumeFrom: 0,
  nextSegment: 0,
  ranges: [],
  lastRangeIsOpen: false,
  gaps: [],
  chunks: 0,
  bytes: 0,
};

/** How far a stream has come: what another worker needs to go on, and the figures when none comes. */
export class Progress {
  #record = NOTHING;
  #numbered: NumberedChunk[] = [];
  #acknowledgedTo: number | null = null;
  #acknowledgedSeq = -1;
  #gaps: readonly Gap[] = [];
  /** Workers that took another's place in sending. */
  #successors = 0;

  /** Whether nothing was ever recorded. */
  get isEmpty(): boolean {
    return this.#numbered.length === 0 && this.#acknowledgedTo === null;
  }

  /** What is kept and not acknowledged, bytes of media. */
  get leftBytes(): number {
    const isKept = ({ seq }: NumberedChunk) =>
      seq > this.#acknowledgedSeq && !this.#gaps.some(({ from, to }) => from <= seq && seq <= to);
    return this.#numbered.filter(isKept).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  noteNumbered({ seq, firstSeq, segment, capturedFrom, capturedTo, bytes }: NumberedChunk): void {
    this.#numbered.push({ seq, firstSeq, segment, capturedFrom, capturedTo, bytes });
  }

  noteRenumbered({ from, by }: { readonly from: number; readonly by: number }): void {
    this.#numbered = this.#numbered.map((chunk) =>
      chunk.firstSeq < from ? chunk : { ...chunk, firstSeq: chunk.firstSeq + by, seq: chunk.seq + by },
    );
  }

  /** Told before the worker numbers it, or knows of it at all. */
  noteSegment(): void {
    this.#record = { ...this.#record, nextSegment: this.#record.nextSegment + 1 };
  }

  /** Told sooner than what another worker needs. */
  noteAcknowledged(seq: number): void {
    this.#acknowledgedSeq = Math.max(this.#acknowledgedSeq, seq);
  }

  /** @param gaps also those that the backend has not acknowledged yet */
  noteRecord(record: SenderRecord, gaps: readonly Gap[]): void {
    this.#gaps = gaps;
    this.#record = { ...record, nextSegment: Math.max(record.nextSegment, this.#record.nextSegment) };
    const acknowledged = this.#numbered.filter(({ seq }) => seq < record.resumeFrom);
    this.#acknowledgedTo = acknowledged.at(-1)?.capturedTo ?? this.#acknowledgedTo;
    this.#numbered = this.#numbered.slice(acknowledged.length);
  }

  /** For the next worker. */
  continuation(): Continuation {
    return {
      ...this.#record,
      acknowledgedTo: this.#acknowledgedTo,
      numbered: this.#numbered,
      firstConnection: ++this.#successors * CONNECTIONS_PER_SENDER,
    };
  }
}
