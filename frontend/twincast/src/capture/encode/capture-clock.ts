/**
 * For how long the item with the least delay is believed. Long enough that one comes without delay; short enough to
 * follow sources whose clock is off: sound cards by 0.1 ms a second, WebKitGTK's mock camera by 56.
 */
const BELIEVED_MS = 2_000;
/** A source that is this far from its place did not drift: it paused. */
const REPIN_MS = 1_000;

/**
 * Says when media was captured, from the timestamps that its source stamps it with.
 *
 * A source's timestamps are even but count from an unknown instant; arrivals are on the `Clock` but late by a
 * varying delay. The item that came with the least delay tells the offset between the two best, so the offset is the
 * minimum of (arrival - timestamp) over the last seconds. A delay that all of these share is not seen: sources here are
 * bounded to a few frames, and sound is stamped on the audio thread. Pure.
 */
export class CaptureClock {
  /** Minima of the present and of the last stretch of time, each half as long as an item is believed. */
  #present = Number.POSITIVE_INFINITY;
  #last = Number.POSITIVE_INFINITY;
  #presentSince = Number.NEGATIVE_INFINITY;

  /**
   * @param sourceMs the source's own timestamp of the newest media, in ms.
   * @param arrivedAt when it came, ms since the epoch.
   */
  observe(sourceMs: number, arrivedAt: number): void {
    const sample = arrivedAt - sourceMs;
    const stretchMs = arrivedAt - this.#presentSince;
    if (sample - this.#offsetMs > REPIN_MS) {
      this.#last = Number.POSITIVE_INFINITY;
      this.#startStretch(sample, arrivedAt);
    } else if (stretchMs >= BELIEVED_MS / 2 || stretchMs < 0) {
      this.#last = this.#present;
      this.#startStretch(sample, arrivedAt);
    } else this.#present = Math.min(this.#present, sample);
  }

  /** @returns when media with this timestamp was captured, ms since the epoch. Observe first. */
  capturedAt(sourceMs: number): number {
    return sourceMs + this.#offsetMs;
  }

  get #offsetMs(): number {
    return Math.min(this.#present, this.#last);
  }

  #startStretch(sample: number, arrivedAt: number): void {
    this.#present = sample;
    this.#presentSince = arrivedAt;
  }
}
