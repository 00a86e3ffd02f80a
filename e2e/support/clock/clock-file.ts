/** What ffmpeg reads out of a file in which the clock sources' picture and sound are together. */
import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { promisify } from "node:util";
import { decode, ffmpegPath } from "../media.ts";
import { COLUMNS, cellSide, ROWS, readClock } from "./clock-picture.ts";
import type { GivenTone } from "./clock-sources.ts";

const execute = promisify(execFile);
const QUIET = ["-hide_banner", "-nostdin", "-v", "error", "-y"];
const SAMPLE_RATE = 48_000;
/** The tones' amplitude is 0.5. */
const LOUD = 0.1;
/** Between two tones it is silent for 190 ms. */
const QUIET_S = 0.1;

/**
 * @param file with both. @param given the tones as the microphone gave them. @param nearMs about when it was recorded.
 * @returns where in the file the time of capture 0 lies by its pictures and by its sound, in ms: equal where the two are in
 *   step. The median of all that can be read.
 */
export async function originsOf(
  file: string,
  width: number,
  given: readonly GivenTone[],
  nearMs: number,
): Promise<{ readonly pictures: readonly number[]; readonly tones: readonly number[] }> {
  const { times } = await decode(file, "0:v:0");
  const clocks = await clocksOf(file, width, nearMs);
  const pictures = times.flatMap((atS, nth) => {
    const clock = clocks[nth];
    return clock === undefined ? [] : [atS * 1e3 - clock];
  });
  const [first = 0] = pictures.toSorted((a, b) => a - b);
  const tones = (await onsetsOf(file)).flatMap((atMs) => {
    // The one that was given next to where the pictures say that it was: tones are 250 ms apart.
    const near = atMs - first;
    const nearest = given.toSorted((a, b) => Math.abs(a.at - near) - Math.abs(b.at - near))[0];
    return nearest ? [atMs - nearest.at] : [];
  });
  return { pictures, tones };
}

async function clocksOf(file: string, width: number, nearMs: number): Promise<(number | undefined)[]> {
  const cell = cellSide(width);
  const greys = `${file}.greys`;
  // In parts of the picture: a phone that has too much to do makes it smaller in mid-session.
  const ofWidth = (cells: number) => `iw*${(cells * cell) / width}`;
  const filter = `crop=${ofWidth(COLUMNS)}:${ofWidth(ROWS)}:0:0,scale=${COLUMNS}:${ROWS}:flags=area,format=gray`;
  await execute(await ffmpegPath(), [
    ...[...QUIET, "-i", file, "-map", "0:v:0", "-fps_mode", "passthrough"],
    ...["-vf", filter, "-f", "rawvideo", greys],
  ]);
  const bytes = await readFile(greys);
  await rm(greys);
  const cells = COLUMNS * ROWS;
  return Array.from({ length: bytes.length / cells }, (_, i) =>
    readClock(bytes.subarray(i * cells, (i + 1) * cells), nearMs),
  );
}

/** Where in the file, in ms, something loud begins after a silence. */
async function onsetsOf(file: string): Promise<number[]> {
  const raw = `${file}.f32`;
  await execute(await ffmpegPath(), [
    // Silence where the sound has a hole or begins later, so that a sample's number is its time.
    ...[...QUIET, "-i", file, "-map", "0:a:0", "-af", "aresample=async=1:first_pts=0"],
    ...["-ac", "1", "-ar", String(SAMPLE_RATE), "-f", "f32le", raw],
  ]);
  const bytes = await readFile(raw);
  await rm(raw);
  const samples = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const onsets: number[] = [];
  let quiet = 0;
  for (const [n, sample] of samples.entries()) {
    if (Math.abs(sample) < LOUD) quiet++;
    else {
      if (quiet > QUIET_S * SAMPLE_RATE) onsets.push((n / SAMPLE_RATE) * 1e3);
      quiet = 0;
    }
  }
  return onsets;
}
