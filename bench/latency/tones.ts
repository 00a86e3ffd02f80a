/** The clock sources' tones in decoded sound. Pure. */
import { TONE_COUNT, toneHz } from "../../e2e/support/clock/clock-sources.ts";

export const SAMPLE_RATE = 48_000;
const WINDOW = SAMPLE_RATE / 1_000;
/** The tones' amplitude is 0.5; a window that holds the whole of it has an RMS of 0.35. */
const ONSET_RMS = 0.1;
const QUIET_WINDOWS_BEFORE = 40;

/** The first samples of what is loud after a silence, to 1 ms. */
export function onsetsOf(samples: Float32Array): number[] {
  const onsets: number[] = [];
  let quietWindows = 0;
  for (let start = 0; start + WINDOW <= samples.length; start += WINDOW) {
    let power = 0;
    for (let i = start; i < start + WINDOW; i++) power += (samples[i] ?? 0) ** 2;
    if (Math.sqrt(power / WINDOW) < ONSET_RMS) {
      quietWindows++;
      continue;
    }
    if (quietWindows >= QUIET_WINDOWS_BEFORE) onsets.push(start);
    quietWindows = 0;
  }
  return onsets;
}

/** The tone that has the most energy, by the Goertzel algorithm. */
export function pitchAt(samples: Float32Array, onset: number): number {
  const stretch = samples.subarray(onset + 5 * WINDOW, onset + 45 * WINDOW);
  const energies = Array.from({ length: TONE_COUNT }, (_, pitch) => {
    const factor = 2 * Math.cos((2 * Math.PI * toneHz(pitch)) / SAMPLE_RATE);
    let [last, beforeLast] = [0, 0];
    for (const sample of stretch) [last, beforeLast] = [sample + factor * last - beforeLast, last];
    return last ** 2 + beforeLast ** 2 - factor * last * beforeLast;
  });
  return energies.indexOf(Math.max(...energies));
}
