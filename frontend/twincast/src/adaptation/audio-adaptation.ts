/**
 * Fits sound to its path. It is small and gives way last: only when it runs late although the picture has had the time
 * to make room, and then down to what speech is still understood at.
 */
import type { PathFigures } from "../transport";
import { NO_REDUCTION, type Reduction } from "./picture-ladder";
import { RateControl, type RateTuning } from "./rate-control";

/** What an audio encoder shall do now. */
export interface AudioRate {
  readonly bitsPerSecond: number;
}

const TUNING: RateTuning = {
  floorBitsPerSecond: 16_000,
  standingQueueMs: 2_500,
  longQueueMs: 6_000,
  lowerEveryMs: 4_000,
  raiseEveryMs: 10_000,
  holdMs: 30_000,
  maxHoldMs: 120_000,
};

export class AudioAdaptation {
  readonly #control: RateControl;
  #rate: AudioRate;
  /** Nobody is told: speech stays speech. */
  readonly reduction: Reduction = NO_REDUCTION;

  /** @param wanted what was asked for: the most that is ever sent. */
  constructor(wanted: AudioRate) {
    this.#control = new RateControl(wanted.bitsPerSecond, TUNING);
    this.#rate = wanted;
  }

  get rate(): AudioRate {
    return this.#rate;
  }

  /** As `VideoAdaptation.follow`. */
  follow(path: PathFigures, now: number): AudioRate {
    const bitsPerSecond = this.#control.follow(path, now);
    if (bitsPerSecond !== this.#rate.bitsPerSecond) this.#rate = { bitsPerSecond };
    return this.#rate;
  }
}
