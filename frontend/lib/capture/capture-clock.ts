/**
 * How fast the estimate may follow a source whose clock runs slower than the system's. Sound cards are off by up to
 * 0.1 ms a second; five times that keeps up with any of them, and adds less than a frame's jitter in a second.
 */
const FOLLOW_MS_PER_MS = 0.0005;
/** A source that is this far from its place did not drift: it paused, or the system's clock was set. */
const REPIN_MS = 1_000;

/**
 * Says when media was captured, from the timestamps that its source stamps it with.
 *
 * A source's timestamps are exact but count from an unknown instant; arrivals are on the system's clock but late by a
 * varying delay. The item that came with the least delay tells the offset between the two best, so the offset is the
 * minimum of (arrival - timestamp), which is allowed to rise slowly for clocks that drift. Pure.
 */
export class CaptureClock {
  private offsetMs: number | undefined;
  private lastArrivalMs = 0;

  /**
   * @param sourceMs the source's own timestamp of the newest media, in ms.
   * @param arrivedAt when it came, ms since the epoch.
   */
  observe(sourceMs: number, arrivedAt: number): void {
    const sample = arrivedAt - sourceMs;
    const { offsetMs } = this;
    if (offsetMs === undefined || sample - offsetMs > REPIN_MS) this.offsetMs = sample;
    else {
      const elapsedMs = Math.max(0, arrivedAt - this.lastArrivalMs);
      this.offsetMs = Math.min(sample, offsetMs + elapsedMs * FOLLOW_MS_PER_MS);
    }
    this.lastArrivalMs = arrivedAt;
  }

  /** @returns when media with this timestamp was captured, ms since the epoch. Observe first. */
  capturedAt(sourceMs: number): number {
    return sourceMs + (this.offsetMs ?? 0);
  }
}
