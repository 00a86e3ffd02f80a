import type { Clock } from "../../clock";
import type { EncodedChunk } from "../../model/media";
import { concatenate } from "./concatenate";

/** How often encoded bytes are handed over: collected for a while, or each encoded frame at once. */
export type Cadence = { readonly everyMs: number } | "realtime";

export const DEFAULT_CADENCE: Cadence = { everyMs: 100 };

/**
 * Collects encoded frames into chunks at the asked-for cadence. A key frame always begins a chunk, so that a reader may
 * join there. Injected clock; calls `emit` in order.
 */
export class ChunkBatcher {
  readonly #clock: Clock;
  readonly #emit: (chunk: EncodedChunk) => void;
  readonly #cadence: Cadence;
  #packets: EncodedChunk[] = [];
  #flushedAt = Number.NEGATIVE_INFINITY;
  #cancelFlush = () => {};

  constructor(cadence: Cadence, emit: (chunk: EncodedChunk) => void, clock: Clock) {
    this.#cadence = cadence;
    this.#emit = emit;
    this.#clock = clock;
  }

  add(packet: EncodedChunk, startsChunk: boolean): void {
    if (startsChunk) this.flush();
    this.#packets.push(packet);
    if (this.#cadence === "realtime") this.flush();
    else if (this.#packets.length === 1) {
      const { everyMs } = this.#cadence;
      // Counted from the last chunk, not from this packet: else each chunk would wait one frame longer.
      const sinceLastMs = this.#clock.now() - this.#flushedAt;
      const delayMs = sinceLastMs < everyMs ? everyMs - sinceLastMs : everyMs;
      this.#cancelFlush = this.#clock.after(delayMs, () => this.flush());
    }
  }

  /** Hands over what there is. */
  flush(): void {
    this.#cancelFlush();
    const packets = this.#packets;
    const [first] = packets;
    if (!first) return;
    this.#packets = [];
    this.#flushedAt = this.#clock.now();
    // Stamps come from an estimate that may move between frames: a span still has to be one.
    const capturedFrom = Math.min(...packets.map((packet) => packet.capturedFrom));
    const capturedTo = Math.max(...packets.map((packet) => packet.capturedTo));
    this.#emit({
      payload: concatenate(packets.map(({ payload }) => payload)),
      capturedFrom,
      capturedTo,
      keyFrame: first.keyFrame,
    });
  }
}
