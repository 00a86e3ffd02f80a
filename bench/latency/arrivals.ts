/** When each frame and each tone reached the backend's handler: the recorded bytes joined with the chunks' times. */
import { readFile } from "node:fs/promises";
import type { GivenTone } from "../../e2e/support/clock/clock-sources.ts";
import type { RecordedStream } from "../../e2e/support/recording.ts";
import { findTones, readClocks } from "./decode.ts";
import { findBlocks } from "./matroska-blocks.ts";

export interface Arrival {
  /** When it was given to the track, ms since the epoch. */
  readonly capturedAt: number;
  /** When the backend's handler had its last byte. */
  readonly receivedAt: number;
}

/** @returns the frames whose clock could be read; a recording in which more than a few cannot be read is an error. */
export async function frameArrivals(stream: RecordedStream, width: number): Promise<Arrival[]> {
  const arrivals: Arrival[] = [];
  let misread = 0;
  for (const { file, receivedAt } of await arrivalsPerPacket(stream)) {
    const clocks = await readClocks(file, width, receivedAt[0] ?? 0);
    if (clocks.length !== receivedAt.length) {
      throw new Error(`${file} has ${receivedAt.length} frames, and ${clocks.length} of them decode.`);
    }
    for (const [i, capturedAt] of clocks.entries()) {
      if (capturedAt === undefined) misread++;
      else arrivals.push({ capturedAt, receivedAt: receivedAt[i] ?? Number.NaN });
    }
  }
  if (misread > arrivals.length / 20) throw new Error(`The clocks of ${misread} frames cannot be read.`);
  return arrivals;
}

/** @param given what the microphone gave. */
export async function toneArrivals(stream: RecordedStream, given: readonly GivenTone[]): Promise<Arrival[]> {
  const arrivals: Arrival[] = [];
  for (const { file, receivedAt } of await arrivalsPerPacket(stream)) {
    for (const tone of await findTones(file)) {
      const at = receivedAt[tone.packet];
      if (at === undefined)
        throw new Error(`${file} has no packet ${tone.packet}, in which a tone was decoded.`);
      // The last one of this pitch that was given before: the same pitch comes again only after seconds.
      const source = given.findLast((one) => one.pitch === tone.pitch && one.at <= at);
      if (source) arrivals.push({ capturedAt: source.at, receivedAt: at });
    }
  }
  return arrivals;
}

/** For each segment, when the last byte of each of its packets was received. */
async function arrivalsPerPacket(
  stream: RecordedStream,
): Promise<{ file: string; receivedAt: readonly number[] }[]> {
  const { chunks } = stream;
  return Promise.all(
    stream.segmentFiles.map(async ({ segment, files: [file = ""] }) => {
      const ends: { end: number; receivedAt: number }[] = [];
      for (const chunk of chunks.filter((one) => one.segment === segment)) {
        ends.push({ end: (ends.at(-1)?.end ?? 0) + chunk.bytes, receivedAt: chunk.receivedAt });
      }
      let next = 0;
      const receivedAt = findBlocks(await readFile(file)).map((block) => {
        while (next < ends.length - 1 && (ends[next]?.end ?? 0) < block.end) next++;
        return ends[next]?.receivedAt ?? Number.NaN;
      });
      return { file, receivedAt };
    }),
  );
}
