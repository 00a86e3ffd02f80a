import {
  CONNECTIONS_PER_SENDER,
  type Continuation,
  type NumberedChunk,
  type SenderRecord,
} from "../transport";

const NOTHING: SenderRecord = { resumeFrom: 0, nextSegment: 0, ranges: [], gaps: [], chunks: 0, bytes: 0 };

/** How far a stream has come: what another worker needs to go on, and the figures when none comes. */
export class Progress {
  #record = NOTHING;
  #numbered: NumberedChunk[] = [];
  #acknowledgedTo: number | null = null;
  /** Workers that took another's place in sending. */
  #successors = 0;

  /** Whether nothing was ever recorded. */
  get isEmpty(): boolean {
    return this.#numbered.length === 0 && this.#acknowledgedTo === null;
  }

  /** What is numbered and not acknowledged. */
  get leftBytes(): number {
    return this.#numbered.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  noteNumbered({ seq, capturedFrom, capturedTo, bytes }: NumberedChunk): void {
    this.#numbered.push({ seq, capturedFrom, capturedTo, bytes });
  }

  /** Told before the worker numbers it, or knows of it at all. */
  noteSegment(): void {
    this.#record = { ...this.#record, nextSegment: this.#record.nextSegment + 1 };
  }

  noteRecord(record: SenderRecord): void {
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
