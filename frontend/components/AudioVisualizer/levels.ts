/** The arithmetic of the meter: pure, so that it can be held to its promises without a microphone. */

/** Below this the meter shows nothing: a quiet room is about here. */
const FLOOR_DB = -60;
/** From here on samples are cut off, dBFS. */
const CLIP_DB = -1;
/** One loud sample is a click; this many blocks in a row are a person too near. */
const CLIP_BLOCKS = 3;
/** How long a peak stays, and how fast it falls then. */
const PEAK_HOLD_MS = 1200;
const PEAK_FALL_PER_SECOND = 0.5;
/** How long the warning stays after the last clipped block. */
const CLIP_SHOWN_MS = 1500;

/** @param amplitude linear, 0 to 1. @returns 0 to 1 over the 60 dB that the meter shows. */
export function toMeter(amplitude: number): number {
  if (!(amplitude > 0)) return 0;
  const db = 20 * Math.log10(amplitude);
  return Math.min(1, Math.max(0, 1 - db / FLOOR_DB));
}

/** @returns 0 to `steps`, for people who asked for less motion. */
export function toSteps(meter: number, steps: number): number {
  return Math.min(steps, Math.max(0, Math.ceil(meter * steps - 0.05)));
}

export type MeterReading = { level: number; peak: number; clipping: boolean };

/** Follows a level: what to draw now, with the peak held and clipping remembered. */
export class MeterBallistics {
  #level = 0;
  #peak = 0;
  #peakAt = 0;
  #updatedAt = 0;
  #loudBlocks = 0;
  #clippedAt = Number.NEGATIVE_INFINITY;

  /** @param nowMs a clock that does not go back. Amplitudes are linear. */
  update(level: { rms: number; peak: number }, nowMs: number): MeterReading {
    const elapsedMs = Math.max(0, nowMs - this.#updatedAt);
    this.#updatedAt = nowMs;
    this.#level = toMeter(level.rms);
    const peak = toMeter(level.peak);
    if (peak >= this.#peak) {
      this.#peak = peak;
      this.#peakAt = nowMs;
    } else if (nowMs - this.#peakAt > PEAK_HOLD_MS) {
      this.#peak = Math.max(peak, this.#peak - (elapsedMs / 1000) * PEAK_FALL_PER_SECOND);
    }
    this.#loudBlocks = 20 * Math.log10(level.peak || 1e-9) >= CLIP_DB ? this.#loudBlocks + 1 : 0;
    if (this.#loudBlocks >= CLIP_BLOCKS) this.#clippedAt = nowMs;
    return { level: this.#level, peak: this.#peak, clipping: nowMs - this.#clippedAt < CLIP_SHOWN_MS };
  }
}

/** What the meter says to a screen reader. */
export function spellLevel({ level, clipping }: MeterReading): string {
  if (clipping) return "Too loud";
  if (level < 0.08) return "Silent";
  if (level < 0.3) return "Quiet";
  return "Good";
}
