/** What ffmpeg reads out of the received files. */
import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { promisify } from "node:util";
import { COLUMNS, cellSide, ROWS, readClock } from "../../e2e/support/clock/clock-picture.ts";
import { TONE_COUNT, toneHz } from "../../e2e/support/clock/clock-sources.ts";
import { ffmpegPath } from "../../e2e/support/media.ts";

const execute = promisify(execFile);
const QUIET = ["-hide_banner", "-nostdin", "-v", "error"];

/**
 * The clock of every frame, in the order of the file.
 *
 * @param width of the picture. @param nearMs about when it was recorded.
 * @returns ms since the epoch; undefined for a frame whose clock cannot be read.
 */
export async function readClocks(
  file: string,
  width: number,
  nearMs: number,
): Promise<(number | undefined)[]> {
  const cell = cellSide(width);
  const greys = `${file}.greys`;
  const filter = `crop=${COLUMNS * cell}:${ROWS * cell}:0:0,scale=${COLUMNS}:${ROWS}:flags=area,format=gray`;
  await execute(await ffmpegPath(), [
    ...[...QUIET, "-y", "-i", file, "-fps_mode", "passthrough"],
    ...["-vf", filter, "-f", "rawvideo", greys],
  ]);
  const bytes = await readFile(greys);
  await rm(greys);
  const cells = COLUMNS * ROWS;
  return Array.from({ length: bytes.length / cells }, (_, i) =>
    readClock(bytes.subarray(i * cells, (i + 1) * cells), nearMs),
  );
}

export interface Tone {
  /** Which of the tones, 0 to TONE_COUNT - 1. */
  readonly pitch: number;
  /** The packet of the file in which its first sample is. */
  readonly packet: number;
}

const SAMPLE_RATE = 48_000;
const WINDOW = SAMPLE_RATE / 1_000;
/** The tones' amplitude is 0.5; a window that holds the whole of it has an RMS of 0.35. */
const ONSET_RMS = 0.1;
const QUIET_WINDOWS_BEFORE = 40;

/** Every tone of a file with Opus in it. */
export async function findTones(file: string): Promise<Tone[]> {
  const samplesFile = `${file}.f32`;
  // Nothing is cut off at the start: there, Opus would lose the samples by which its output lags, and with them the
  // relation of samples to packets.
  const { stdout } = await execute(
    await ffmpegPath(),
    [
      ...[...QUIET, "-y", "-flags2", "+skip_manual", "-i", file],
      ...["-f", "framecrc", "-c:a", "pcm_f32le", "-ac", "1", "-"],
      ...["-f", "f32le", "-ac", "1", samplesFile],
    ],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  const ends: number[] = [];
  for (const line of stdout.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    ends.push((ends.at(-1) ?? 0) + Number(line.split(",")[4]) / Float32Array.BYTES_PER_ELEMENT);
  }
  const bytes = await readFile(samplesFile);
  await rm(samplesFile);
  const samples = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  return onsetsOf(samples).map((onset) => ({
    pitch: pitchAt(samples, onset),
    packet: ends.findIndex((end) => onset < end),
  }));
}

/** The first samples of what is loud after a silence, to 1 ms. */
function onsetsOf(samples: Float32Array): number[] {
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
function pitchAt(samples: Float32Array, onset: number): number {
  const stretch = samples.subarray(onset + 5 * WINDOW, onset + 45 * WINDOW);
  const energies = Array.from({ length: TONE_COUNT }, (_, pitch) => {
    const factor = 2 * Math.cos((2 * Math.PI * toneHz(pitch)) / SAMPLE_RATE);
    let [last, beforeLast] = [0, 0];
    for (const sample of stretch) [last, beforeLast] = [sample + factor * last - beforeLast, last];
    return last ** 2 + beforeLast ** 2 - factor * last * beforeLast;
  });
  return energies.indexOf(Math.max(...energies));
}
