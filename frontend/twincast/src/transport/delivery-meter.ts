/**
 * What acknowledgements say of a stream: rate and delay.
 */

import { percentile } from "../percentile";

const RATE_SPAN_MS = 2_000;
const DELAY_SAMPLES = 200;

export interface DelaySummary {
  readonly medianMs: number;
  readonly p95Ms: number;
}

export class DeliveryMeter {
  #acked: { at: number; bytes: number }[] = [];
  #delaysMs: number[] = [];
  #chunks = 0;
  #bytes = 0;

  get chunks(): number {
    return this.#chunks;
  }

  /** Payload bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  delivered(bytes: number, now: number): void {
    this.#chunks++;
    this.#bytes += bytes;
    this.#acked.push({ at: now, bytes });
  }

  /** @param delayMs from capture to the backend's handler, of one chunk. */
  delay(delayMs: number): void {
    this.#delaysMs.push(delayMs);
    if (this.#delaysMs.length > DELAY_SAMPLES) this.#delaysMs.shift();
  }

  /** Acknowledged payload, over the last `RATE_SPAN_MS`. */
  bytesPerSecond(now: number): number {
    while (this.#acked[0] && this.#acked[0].at < now - RATE_SPAN_MS) this.#acked.shift();
    return this.#acked.reduce((sum, { bytes }) => sum + bytes, 0) / (RATE_SPAN_MS / 1_000);
  }

  /** Percentiles of the last chunks' delays, or null before the first. */
  get delays(): DelaySummary | null {
    const medianMs = percentile(this.#delaysMs, 0.5);
    const p95Ms = percentile(this.#delaysMs, 0.95);
    return medianMs === undefined || p95Ms === undefined ? null : { medianMs, p95Ms };
  }
}
