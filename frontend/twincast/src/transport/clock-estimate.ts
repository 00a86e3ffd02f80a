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
/**
 * For how long the quickest round trip holds. While bytes queue on the way every pong is slow, so this outlasts a queue;
 * and a path that became longer is known for it after that time.
 */
const QUICKEST_SPAN_MS = 120_000;
/** RFC 6298's gain for the smoothed round-trip time. */
const SMOOTHING = 1 / 8;

export class ClockEstimate {
  #samples: ClockSample[] = [];
  #smoothedRttMs: number | null = null;
  /** Rising: the first is the quickest of its span, each of the others the quickest after the one before it. */
  #quickest: { readonly at: number; readonly rttMs: number }[] = [];

  /** @param sentAt,receivedAt ms on this clock; @param serverTime ms on the backend's. */
  add(sentAt: number, receivedAt: number, serverTime: number): void {
    const rttMs = Math.max(0, receivedAt - sentAt);
    this.#samples.push({ rttMs, offsetMs: serverTime - (sentAt + rttMs / 2) });
    if (this.#samples.length > KEPT_SAMPLES) this.#samples.shift();
    this.#quickest = this.#quickest.filter(
      (other) => other.at > receivedAt - QUICKEST_SPAN_MS && other.rttMs < rttMs,
    );
    this.#quickest.push({ at: receivedAt, rttMs });
    this.#smoothedRttMs =
      this.#smoothedRttMs === null ? rttMs : this.#smoothedRttMs + SMOOTHING * (rttMs - this.#smoothedRttMs);
  }

  /** Another backend may answer from here on, with a clock of its own; the path is the one that it was. */
  forgetOffset(): void {
    this.#samples = [];
  }

  /** Smoothed, or null before the first pong. */
  get rttMs(): number | null {
    return this.#smoothedRttMs;
  }

  /** The quickest of `QUICKEST_SPAN_MS`: what the path takes without a queue. Null before the first pong. */
  get quickestRttMs(): number | null {
    return this.#quickest[0]?.rttMs ?? null;
  }

  /** From the quickest of the last pongs, or null before the first. Wrong by at most half that pong's round trip. */
  get offsetMs(): number | null {
    let best: ClockSample | undefined;
    for (const sample of this.#samples) if (!best || sample.rttMs < best.rttMs) best = sample;
    return best?.offsetMs ?? null;
  }
}
