/**
 * How many bytes may be unacknowledged at once. `bufferedAmount` cannot tell: some phones update it late, and the
 * kernel's and every proxy's buffer lie beyond it. So the window follows what acknowledgements show of the path.
 */

const START_BYTES = 128 * 1024;
const MIN_BYTES = 64 * 1024;
/** An ack this quick (the backend holds one back for up to 100 ms) says that the path takes more. */
const QUICK_ACK_MS = 400;
/** An ack this late says that bytes queue on the way, where they can be neither recalled nor skipped. */
const LATE_ACK_MS = 1_000;
const SHRINK = 0.7;

export class SendWindow {
  #bytes = START_BYTES;
  #maxBytes: number;
  #shrunkAt = Number.NEGATIVE_INFINITY;

  /** @param maxBytes the backend's `limits.windowBytes`. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#bytes = Math.min(START_BYTES, maxBytes);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * @param ackedBytes what this ack released.
   * @param ackDelayMs from sending the acknowledged chunk to this ack.
   * @param limited whether chunks were waiting for the window.
   */
  onAck(ackedBytes: number, ackDelayMs: number, limited: boolean, now: number): void {
    if (ackDelayMs > LATE_ACK_MS) {
      // Once per flight: the acks that follow tell of bytes sent before the window shrank.
      if (now - this.#shrunkAt < ackDelayMs) return;
      this.#shrunkAt = now;
      this.#bytes = Math.max(Math.min(MIN_BYTES, this.#maxBytes), this.#bytes * SHRINK);
    } else if (limited && ackDelayMs < QUICK_ACK_MS) {
      this.#bytes = Math.min(this.#maxBytes, this.#bytes + ackedBytes);
    }
  }
}
