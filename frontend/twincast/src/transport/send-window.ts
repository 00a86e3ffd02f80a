/**
 * How many bytes may be unacknowledged at once. `bufferedAmount` cannot tell: some phones update it late, and the
 * kernel's and every proxy's buffer lie beyond it. So the window follows what acknowledgements show of the path.
 */

const START_BYTES = 128 * 1024;
const MIN_BYTES = 64 * 1024;
/** An ack that waited no longer than this beyond its way says that the path takes more. */
const QUICK_MS = 300;
/** One that waited this long says that bytes queue on the way, where they can be neither recalled nor skipped. */
const LATE_MS = 900;
const SHRINK = 0.7;
/** One that waited this long: the window is many times what the path carries, and steps of `SHRINK` would take a minute. */
const VERY_LATE_MS = 2_000;
/** How much of such a path's queue is left to it, and at least this many bytes: some chunks of a small picture. */
const WANTED_QUEUE_MS = 1_000;
const MIN_BYTES_VERY_LATE = 16 * 1024;
/**
 * A path that has shown nothing yet, or has just become slow, is not given the whole window at once: these bytes, and somewhat
 * more than it carried in the last second. Else the first flight onto a path of 12 kB/s would take ten seconds, and the
 * other stream's bytes would wait behind it.
 */
const UNPROVEN_BYTES = 16 * 1024;
/** On a way longer than this more is under way at the same rate. */
const UNPROVEN_WAY_MS = 250;
const PROVEN_SPAN_MS = 1_000;
/** So that a long path is filled too. */
const PROVEN_ROUND_TRIPS = 2;
const PROVEN_FACTOR = 1.5;

export class SendWindow {
  #bytes = START_BYTES;
  #maxBytes: number;
  #shrunkAt = Number.NEGATIVE_INFINITY;
  #acked: { readonly at: number; readonly bytes: number }[] = [];

  /** @param maxBytes the backend's `limits.windowBytes`. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#bytes = Math.min(START_BYTES, maxBytes);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * @param wayMs as for `onAck`.
   * @returns how many bytes may be unacknowledged now: the window, or as much of it as the path has earned.
   */
  bytesAt(now: number, wayMs = 0): number {
    const spanMs = Math.max(PROVEN_SPAN_MS, PROVEN_ROUND_TRIPS * wayMs);
    this.#acked = this.#acked.filter(({ at }) => at > now - spanMs);
    const carried = this.#acked.reduce((sum, { bytes }) => sum + bytes, 0);
    const unproven = UNPROVEN_BYTES * Math.max(1, wayMs / UNPROVEN_WAY_MS);
    return Math.min(this.#bytes, unproven + PROVEN_FACTOR * carried);
  }

  /**
   * @param ackedBytes what this ack released.
   * @param ackDelayMs from sending the acknowledged chunk to this ack.
   * @param limited whether chunks were waiting for the window.
   * @param wayMs what an ack takes on this path without a queue: the round trip, and the backend's holding it back.
   */
  onAck(ackedBytes: number, ackDelayMs: number, limited: boolean, now: number, wayMs = 0): void {
    // What took longer than the span to arrive was not carried within it.
    const spanMs = Math.max(PROVEN_SPAN_MS, PROVEN_ROUND_TRIPS * wayMs);
    this.#acked.push({ at: now, bytes: ackedBytes * Math.min(1, spanMs / ackDelayMs) });
    const waitedMs = ackDelayMs - wayMs;
    if (waitedMs > LATE_MS) {
      // Once per flight: the acks that follow tell of bytes sent before the window shrank.
      if (now - this.#shrunkAt < ackDelayMs) return;
      this.#shrunkAt = now;
      const isVeryLate = limited && waitedMs > VERY_LATE_MS;
      const factor = isVeryLate ? WANTED_QUEUE_MS / waitedMs : SHRINK;
      const floor = Math.min(isVeryLate ? MIN_BYTES_VERY_LATE : MIN_BYTES, this.#bytes);
      this.#bytes = Math.max(floor, this.#bytes * factor);
    } else if (limited && waitedMs < QUICK_MS) {
      this.#bytes = Math.min(this.#maxBytes, this.#bytes + ackedBytes);
    }
  }
}
