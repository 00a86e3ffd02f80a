/**
 * More frames than this inside the encoder is a delay that only grows. The encoder's own queue does not tell: Chromium's
 * software encoders count a frame as taken as soon as they have it, and were seen 3.7 s behind. Hardware pipelines hold
 * up to four.
 */
const MAX_FRAMES = 6;
/** A frame that has not come out by now was left out by the encoder, which in realtime mode it may. */
const LEFT_OUT_MS = 1_000;

/** The frames that an encoder has taken and not given back yet, oldest first. Pure. */
export class FramesInFlight {
  readonly #frames = new Map<number, { capturedAt: number; enteredAt: number }>();
  #leftOutCount = 0;

  /** @param timestampUs rising. @param capturedAt, enteredAt in ms since the epoch. */
  enter(timestampUs: number, capturedAt: number, enteredAt: number): void {
    this.#frames.set(timestampUs, { capturedAt, enteredAt });
  }

  /** @returns when the frame was captured. Those before it were left out. */
  leave(timestampUs: number): number | undefined {
    const frame = this.#frames.get(timestampUs);
    for (const known of this.#frames.keys()) {
      if (known > timestampUs) break;
      this.#frames.delete(known);
      if (known < timestampUs) this.#leftOutCount++;
    }
    return frame?.capturedAt;
  }

  isFull(now: number): boolean {
    for (const [timestampUs, { enteredAt }] of this.#frames) {
      if (now - enteredAt < LEFT_OUT_MS) break;
      this.#frames.delete(timestampUs);
      this.#leftOutCount++;
    }
    return this.#frames.size >= MAX_FRAMES;
  }

  /** The encoder is gone, and they with it. */
  clear(): void {
    this.#leftOutCount += this.#frames.size;
    this.#frames.clear();
  }

  /** Frames that went in and never came out. */
  get leftOut(): number {
    return this.#leftOutCount;
  }
}
