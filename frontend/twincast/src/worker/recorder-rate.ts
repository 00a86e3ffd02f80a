import {
  AudioAdaptation,
  type AudioRate,
  isPictureRate,
  type PictureRate,
  type Reduction,
  VideoAdaptation,
} from "../adaptation";
import { cameraConstraints, type Preset } from "../capture/devices";
import type { StreamEncoder } from "../capture/encode";
import type { StreamKind } from "../model/stream";
import type { PathFigures } from "../transport";

/** From one change to a lower rate to the next, and to a higher one: each costs a segment. */
const LOWER_EVERY_MS = 3_000;
const RAISE_EVERY_MS = 15_000;
/** Smaller differences wait until there is more to gain. */
const LOWER_BELOW = 0.75;
const RAISE_ABOVE = 1.5;

/**
 * Fits a recorder to the path. It takes another bit-rate with another segment only, which costs a header and a key
 * frame, so it changes in larger steps than an encoder in the worker. It cannot scale: the camera itself is asked for
 * smaller pictures and fewer of them, which the preview shows too.
 */
export class RecorderRate {
  readonly #preset: Preset;
  readonly #adaptation: VideoAdaptation | AudioAdaptation;
  #applied: PictureRate | AudioRate;
  #appliedAt = Number.NEGATIVE_INFINITY;
  /** Whose pictures are fewer or smaller than the camera was opened for. */
  #reduced: MediaStreamTrack | null = null;

  constructor(kind: StreamKind, preset: Preset) {
    const { size, frameRate, videoBitsPerSecond, audioBitsPerSecond } = preset;
    this.#preset = preset;
    this.#adaptation =
      kind === "video"
        ? new VideoAdaptation({ size, frameRate, bitsPerSecond: videoBitsPerSecond })
        : new AudioAdaptation({ bitsPerSecond: audioBitsPerSecond });
    this.#applied = this.#adaptation.rate;
  }

  get reduction(): Reduction {
    return this.#adaptation.reduction;
  }

  /** @param track what the recorder records now. */
  follow(
    recorder: StreamEncoder<MediaStreamTrack>,
    track: MediaStreamTrack,
    path: PathFigures,
    now: number,
  ): void {
    const rate = this.#adaptation.follow(path, now);
    // Another camera was opened whole.
    if (this.#reduced && this.#reduced !== track) void this.#fitCamera(track, this.#applied);
    if (rate === this.#applied || !this.#isDue(rate.bitsPerSecond, now)) return;
    this.#applied = rate;
    this.#appliedAt = now;
    recorder.setBitrate(rate.bitsPerSecond);
    void this.#fitCamera(track, rate).then(() => recorder.newSegment());
  }

  async #fitCamera(track: MediaStreamTrack, rate: PictureRate | AudioRate): Promise<void> {
    if (!isPictureRate(rate)) return;
    const { maxSize: size, framesPerSecond: frameRate } = rate;
    const isWhole = size.width === this.#preset.size.width && frameRate === this.#preset.frameRate;
    if (isWhole && track !== this.#reduced) return;
    this.#reduced = isWhole ? null : track;
    await askCamera(track, { ...this.#preset, size, frameRate });
  }

  /** Gives the camera back as it was opened; another track was opened so. */
  restore(): void {
    const track = this.#reduced;
    this.#reduced = null;
    if (track?.readyState !== "live") return;
    void askCamera(track, this.#preset);
  }

  #isDue(bitsPerSecond: number, now: number): boolean {
    const ratio = bitsPerSecond / this.#applied.bitsPerSecond;
    const isWhole = bitsPerSecond === this.#fullBitsPerSecond;
    if (ratio <= LOWER_BELOW) return now - this.#appliedAt >= LOWER_EVERY_MS;
    return (ratio >= RAISE_ABOVE || isWhole) && now - this.#appliedAt >= RAISE_EVERY_MS;
  }

  get #fullBitsPerSecond(): number {
    const { videoBitsPerSecond, audioBitsPerSecond } = this.#preset;
    return this.#adaptation instanceof VideoAdaptation ? videoBitsPerSecond : audioBitsPerSecond;
  }
}

async function askCamera(track: MediaStreamTrack, preset: Preset): Promise<void> {
  try {
    await track.applyConstraints(cameraConstraints(preset));
  } catch {
    // One that will not is recorded as it is, with fewer bits.
  }
}
