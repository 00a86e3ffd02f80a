import type { Preset } from "../capture/devices/presets";
import type { StreamEncoder } from "../capture/encode/encoder";
import { fullRate, nextRate, type RateState, type VideoRate } from "../capture/video/bitrate-policy";

/**
 * Fits a recorder's rate to the path. It takes another rate with another segment only, which costs a header and a key
 * frame; so it changes when it must (the path is very slow) and goes back when the path has been clear for a while.
 */
export class RecorderRate {
  readonly #wanted: VideoRate;
  #state: RateState;
  #isLowered = false;

  constructor({ videoBitsPerSecond, frameRate }: Preset, now: number) {
    this.#wanted = { bitsPerSecond: videoBitsPerSecond, framesPerSecond: frameRate };
    this.#state = fullRate(this.#wanted, now);
  }

  /** @param outboxAgeMs how long the oldest unacknowledged chunk has waited. */
  follow(encoder: StreamEncoder<MediaStreamTrack>, outboxAgeMs: number, now: number): void {
    this.#state = nextRate(this.#state, this.#wanted, outboxAgeMs, now);
    const lower = this.#state.path === "very-slow";
    if (lower === this.#isLowered || (!lower && this.#state.path !== "clear")) return;
    this.#isLowered = lower;
    if (encoder.setBitrate(this.#state.rate.bitsPerSecond) === "needs-segment") encoder.newSegment();
  }
}
