/** When each frame and each tone reached the backend's handler: the recorded bytes joined with the chunks' times. */
import { readFile } from "node:fs/promises";
import type { StreamKind } from "twincast";
import type { GivenTone } from "../../e2e/support/clock/clock-sources.ts";
import type { RecordedStream } from "../../e2e/support/recording.ts";
import { findTones, readClocks } from "./decode.ts";
import { matchTones } from "./match-tones.ts";
import { findBlocks } from "./matroska-blocks.ts";

export interface Arrival {
  /** When it was given to the track, ms since the epoch. */
  readonly capturedAt: number;
  /** When the backend's handler had its last byte. */
  readonly receivedAt: number;
}

/** A file as it came, piece by piece. */
export interface ArrivedFile {
  readonly file: string;
  /** In order: the offset behind each piece, and when the handler had it. */
  readonly pieces: readonly { readonly end: number; readonly receivedAt: number }[];
}

/** @returns the frames whose clock could be read; files in which more than a few cannot be read are an error. */
export async function frameArrivals(files: readonly ArrivedFile[], width: number): Promise<Arrival[]> {
  const arrivals: Arrival[] = [];
  let misread = 0;
  for (const arrived of files) {
    const { file } = arrived;
    const receivedAt = await packetTimes(arrived, "video");
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
export async function toneArrivals(
  files: readonly ArrivedFile[],
  given: readonly GivenTone[],
): Promise<Arrival[]> {
  const arrivals: Arrival[] = [];
  for (const arrived of files) {
    const { file } = arrived;
    const receivedAt = await packetTimes(arrived, "audio");
    const heard = (await findTones(file)).map(({ pitch, packet, mediaMs }) => {
      const at = receivedAt[packet];
      if (at === undefined) throw new Error(`${file} has no packet ${packet}, in which a tone was decoded.`);
      return { pitch, mediaMs, receivedAt: at };
    });
    arrivals.push(...matchTones(heard, given));
  }
  return arrivals;
}

/** @returns a stream's segments, each a file of its own. */
export function arrivedFiles({ chunks, segmentFiles }: RecordedStream): ArrivedFile[] {
  return segmentFiles.map(({ segment, files: [file = ""] }) => {
    const pieces: { end: number; receivedAt: number }[] = [];
    for (const { bytes, receivedAt } of chunks.filter((one) => one.segment === segment)) {
      pieces.push({ end: (pieces.at(-1)?.end ?? 0) + bytes, receivedAt });
    }
    return { file, pieces };
  });
}

/** When the last byte of each packet of a kind was received. */
async function packetTimes({ file, pieces }: ArrivedFile, kind: StreamKind): Promise<readonly number[]> {
  let next = 0;
  return findBlocks(await readFile(file)).flatMap((block) => {
    while (next < pieces.length - 1 && (pieces[next]?.end ?? 0) < block.end) next++;
    return block.kind === kind ? [pieces[next]?.receivedAt ?? Number.NaN] : [];
  });
}
