/** What ffmpeg reads out of the received files. */
import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { promisify } from "node:util";
import { COLUMNS, cellSide, ROWS, readClock } from "../../e2e/support/clock/clock-picture.ts";
import { ffmpegPath } from "../../e2e/support/media.ts";
import { onsetsOf, pitchAt, SAMPLE_RATE } from "./tones.ts";

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
    ...[...QUIET, "-y", "-i", file, "-map", "0:v:0", "-fps_mode", "passthrough"],
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
  /** The packet of the file in which its first sample is, of those with sound. */
  readonly packet: number;
  /** When that sample is to be heard, by the file's own times. */
  readonly mediaMs: number;
}

/** Every tone of a file with Opus in it. */
export async function findTones(file: string): Promise<Tone[]> {
  const samplesFile = `${file}.f32`;
  // Nothing is cut off at the start: there, Opus would lose the samples by which its output lags, and with them the
  // relation of samples to packets.
  const { stdout } = await execute(
    await ffmpegPath(),
    [
      ...[...QUIET, "-y", "-flags2", "+skip_manual", "-i", file],
      ...["-map", "0:a:0", "-f", "framecrc", "-c:a", "pcm_f32le", "-ac", "1", "-"],
      ...["-map", "0:a:0", "-f", "f32le", "-ac", "1", samplesFile],
    ],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  const [, num = "1", den = "1"] = /^#tb 0: (\d+)\/(\d+)$/m.exec(stdout) ?? [];
  const packets: { readonly start: number; readonly end: number; readonly mediaMs: number }[] = [];
  for (const line of stdout.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const [, , time, , bytes] = line.split(",").map(Number);
    const start = packets.at(-1)?.end ?? 0;
    packets.push({
      start,
      end: start + (bytes ?? 0) / Float32Array.BYTES_PER_ELEMENT,
      mediaMs: (1e3 * (time ?? 0) * Number(num)) / Number(den),
    });
  }
  const bytes = await readFile(samplesFile);
  await rm(samplesFile);
  const samples = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  return onsetsOf(samples).map((onset) => {
    const packet = packets.findIndex(({ end }) => onset < end);
    const { start = 0, mediaMs = 0 } = packets[packet] ?? {};
    return {
      pitch: pitchAt(samples, onset),
      packet,
      mediaMs: mediaMs + (1e3 * (onset - start)) / SAMPLE_RATE,
    };
  });
}
