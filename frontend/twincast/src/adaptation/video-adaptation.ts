/**
 * Fits a picture to its path: bit-rate first, then frames, then size.
 */
import type { PathFigures } from "../transport";
import {
  NO_REDUCTION,
  type PictureSize,
  type PictureStep,
  pictureLadder,
  type Reduction,
  stepFor,
} from "./picture-ladder";
import { RateControl, type RateTuning } from "./rate-control";

/** What a video encoder shall do now. */
export interface PictureRate extends PictureStep {
  readonly bitsPerSecond: number;
}

/** @returns whether it is for a picture; sound has a bit-rate only. */
export function isPictureRate(rate: PictureRate | { readonly bitsPerSecond: number }): rate is PictureRate {
  return "maxSize" in rate;
}

/** What was asked for: the most that is ever sent. */
export interface WantedPicture {
  readonly size: PictureSize;
  readonly frameRate: number;
  readonly bitsPerSecond: number;
}

const TUNING: RateTuning = {
  floorBitsPerSecond: 6_000,
  standingQueueMs: 400,
  longQueueMs: 2_000,
  lowerEveryMs: 1_500,
  raiseEveryMs: 2_000,
  holdMs: 8_000,
  maxHoldMs: 32_000,
};
/** Encoders are not asked for less, but for fewer frames: far below, some refuse, and others take no notice. */
const LEAST_ASKED_BITS_PER_SECOND = 16_000;
/** A picture that was whole for this long and becomes smaller again is news. */
const EPISODE_OVER_MS = 180_000;

export class VideoAdaptation {
  readonly #wanted: WantedPicture;
  readonly #ladder: readonly PictureStep[];
  readonly #control: RateControl;
  #index = 0;
  #bitsPerSecond: number;
  #rate: PictureRate;
  #reduction = NO_REDUCTION;
  #smallerAt = Number.NEGATIVE_INFINITY;

  constructor(wanted: WantedPicture) {
    this.#wanted = wanted;
    this.#ladder = pictureLadder(wanted.size, wanted.frameRate);
    this.#control = new RateControl(wanted.bitsPerSecond, TUNING);
    this.#bitsPerSecond = wanted.bitsPerSecond;
    this.#rate = this.#rateNow();
  }

  get rate(): PictureRate {
    return this.#rate;
  }

  get reduction(): Reduction {
    return this.#reduction;
  }

  /**
   * Takes the figures of a moment; call it a few times a second.
   * @param now ms, on any clock that does not go back.
   * @returns what to encode; the same object while nothing changes.
   */
  follow(path: PathFigures, now: number): PictureRate {
    const bitsPerSecond = this.#control.follow(path, now);
    if (bitsPerSecond !== this.#bitsPerSecond) {
      this.#bitsPerSecond = bitsPerSecond;
      this.#index = stepFor(this.#ladder, this.#index, bitsPerSecond, this.#wanted.bitsPerSecond);
      this.#rate = this.#rateNow();
    }
    this.#note(now);
    return this.#rate;
  }

  #rateNow(): PictureRate {
    const bitsPerSecond = Math.max(LEAST_ASKED_BITS_PER_SECOND, this.#bitsPerSecond);
    return { ...(this.#ladder[this.#index] as PictureStep), bitsPerSecond };
  }

  #note(now: number): void {
    const { size, frameRate } = this.#wanted;
    const { maxSize, framesPerSecond } = this.#rate;
    const isSmaller = maxSize.width < size.width;
    const kind = isSmaller ? "smaller-picture" : framesPerSecond < frameRate ? "fewer-frames" : "none";
    const isNews = isSmaller && now - this.#smallerAt > EPISODE_OVER_MS;
    if (isSmaller) this.#smallerAt = now;
    const episode = this.#reduction.episode + (isNews ? 1 : 0);
    if (kind !== this.#reduction.kind || isNews) this.#reduction = { kind, episode };
  }
}
