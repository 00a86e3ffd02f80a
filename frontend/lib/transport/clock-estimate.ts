/**
 * Round-trip time and clock offset from ping and pong.
 */

export interface ClockSample {
  /** Backend clock minus client clock, ms. */
  readonly offsetMs: number;
  readonly rttMs: number;
}

/** The quickest of the last pongs is the one whose way there and back were most alike. */
const KEPT_SAMPLES = 15;
/** RFC 6298's gain for the smoothed round-trip time. */
const SMOOTHING = 1 / 8;

export class ClockEstimate {
  #samples: ClockSample[] = [];
  #smoothedRttMs: number | null = null;

  /** @param sentAt,receivedAt ms on this clock; @param serverTime ms on the backend's. */
  add(sentAt: number, receivedAt: number, serverTime: number): void {
    const rttMs = Math.max(0, receivedAt - sentAt);
    this.#samples.push({ rttMs, offsetMs: serverTime - (sentAt + rttMs / 2) });
    if (this.#samples.length > KEPT_SAMPLES) this.#samples.shift();
    this.#smoothedRttMs =
      this.#smoothedRttMs === null ? rttMs : this.#smoothedRttMs + SMOOTHING * (rttMs - this.#smoothedRttMs);
  }

  /** Smoothed, or null before the first pong. */
  get rttMs(): number | null {
    return this.#smoothedRttMs;
  }

  /** From the quickest of the last pongs, or null before the first. Wrong by at most half that pong's round trip. */
  get offsetMs(): number | null {
    let best: ClockSample | undefined;
    for (const sample of this.#samples) if (!best || sample.rttMs < best.rttMs) best = sample;
    return best?.offsetMs ?? null;
  }
}
