/** Which of the tones that a microphone gave those are that were heard. Pure. */
import type { GivenTone } from "../../e2e/support/clock/clock-sources.ts";
import { percentile } from "../../frontend/twincast/src/percentile.ts";

export interface HeardTone {
  readonly pitch: number;
  /** Where it is in what was heard: by the times of a file, or by the number of samples. */
  readonly mediaMs: number;
  /** When the handler had it. */
  readonly receivedAt: number;
}

/** A tone that is further from where it must be was misheard: where a machine is late, sound has holes and clicks. */
const MISHEARD_MS = 1_000;
/** Tones from which the beginning is told: most of them are heard right, and live. */
const FIRST_TONES = 9;

/**
 * The same pitch comes again after seconds, and what a cut held back is later than that. So the first tones are taken for
 * the newest of their pitch, and each one after for the one that was given about as much later as it is heard later.
 *
 * @param heard tones of one recording, in order. @param given all tones, in order.
 * @returns when each was given and heard; a tone that was never given, or was misheard, is left out.
 */
export function matchTones(
  heard: readonly HeardTone[],
  given: readonly GivenTone[],
): { readonly capturedAt: number; readonly receivedAt: number }[] {
  const candidatesOf = ({ pitch, receivedAt }: HeardTone) =>
    given.filter((one) => one.pitch === pitch && one.at <= receivedAt);
  const offsets = heard.slice(0, FIRST_TONES).flatMap((tone) => {
    const newest = candidatesOf(tone).at(-1);
    return newest ? [newest.at - tone.mediaMs] : [];
  });
  let offsetMs = percentile(offsets, 0.5) ?? 0;
  return heard.flatMap((tone) => {
    const expectedAt = tone.mediaMs + offsetMs;
    const distance = ({ at }: GivenTone) => Math.abs(at - expectedAt);
    const [nearest] = candidatesOf(tone).toSorted((a, b) => distance(a) - distance(b));
    if (!nearest || distance(nearest) > MISHEARD_MS) return [];
    offsetMs = nearest.at - tone.mediaMs;
    return [{ capturedAt: nearest.at, receivedAt: tone.receivedAt }];
  });
}
