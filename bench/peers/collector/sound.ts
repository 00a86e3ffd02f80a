/** From collected sound to when each tone was captured and given to the handler. Pure. */
import type { GivenTone } from "../../../e2e/support/clock/clock-sources.ts";
import type { Arrival } from "../../latency/arrivals.ts";
import { matchTones } from "../../latency/match-tones.ts";
import { onsetsOf, pitchAt, SAMPLE_RATE } from "../../latency/tones.ts";
import type { RecordOf, SoundHeader } from "./records.ts";

/** @param records of one connection, at 48 kHz. */
export function toneArrivals(
  records: readonly RecordOf<SoundHeader>[],
  given: readonly GivenTone[],
): Arrival[] {
  const pieces = records.map(({ header, data }) => ({ header, samples: firstChannel(header, data) }));
  const all = new Float32Array(pieces.reduce((sum, { samples }) => sum + samples.length, 0));
  const starts: number[] = [];
  let length = 0;
  for (const { samples } of pieces) {
    starts.push(length);
    all.set(samples, length);
    length += samples.length;
  }
  const heard = onsetsOf(all).flatMap((onset) => {
    const nth = starts.findLastIndex((start) => start <= onset);
    const header = pieces[nth]?.header;
    if (!header) return [];
    // Where the library tells no time, what it gives has no holes: it fills them.
    const beginMs = header.mediaMs ?? (1e3 * (starts[nth] ?? 0)) / SAMPLE_RATE;
    const mediaMs = beginMs + (1e3 * (onset - (starts[nth] ?? 0))) / SAMPLE_RATE;
    return [{ pitch: pitchAt(all, onset), mediaMs, receivedAt: header.at }];
  });
  return matchTones(heard, given);
}

function firstChannel({ sample, channels }: SoundHeader, data: Buffer): Float32Array {
  const bytes = sample === "s16" ? 2 : 4;
  return Float32Array.from({ length: Math.floor(data.length / (bytes * channels)) }, (_, i) => {
    const offset = i * channels * bytes;
    return sample === "s16" ? data.readInt16LE(offset) / 32_768 : data.readFloatLE(offset);
  });
}
