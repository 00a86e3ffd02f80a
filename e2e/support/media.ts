/**
 * Verdicts on recorded bytes, by ffmpeg. What the page believes does not count.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { python } from "../../tools/paths.ts";

const execute = promisify(execFile);

export interface Decoded {
  /** "video" or "audio". */
  readonly type: string;
  readonly codec: string;
  readonly frames: number;
  /** Presentation times in order of arrival, seconds. */
  readonly times: readonly number[];
  /** What ffmpeg complained about; empty for a sound file. */
  readonly complaints: string;
}

let found: Promise<string> | undefined;

/** The binary that Python's imageio-ffmpeg ships, or `FFMPEG_PATH`. */
export function ffmpegPath(): Promise<string> {
  found ??= process.env.FFMPEG_PATH
    ? Promise.resolve(process.env.FFMPEG_PATH)
    : execute(python.executable, [
        "-c",
        "import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())",
      ]).then(({ stdout }) => stdout.trim());
  return found;
}

/** Decodes every frame of a file, or of one of its streams. @param map in ffmpeg's words, such as `0:v:0`. */
export async function decode(file: string, map?: string): Promise<Decoded> {
  const { stdout, stderr } = await execute(
    await ffmpegPath(),
    [
      ...["-hide_banner", "-nostdin", "-v", "error", "-i", file, "-copyts", ...(map ? ["-map", map] : [])],
      // Every frame at its own time: live video has no frame rate, and ffmpeg would drop or repeat frames to meet its guess.
      ...["-fps_mode", "passthrough", "-enc_time_base:v", "demux"],
      // Prints one line per decoded frame with its time.
      ...["-f", "framecrc", "-"],
    ],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  const header = (name: string) => new RegExp(`^#${name} 0: (.*)$`, "m").exec(stdout)?.[1] ?? "";
  const [num = 1, den = 1] = header("tb").split("/").map(Number);
  const times = stdout
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => (Number(line.split(",")[2]) * num) / den);
  return {
    type: header("media_type"),
    codec: await inputCodec(file),
    frames: times.length,
    times,
    complaints: stderr.trim(),
  };
}

async function inputCodec(file: string): Promise<string> {
  // Without an output ffmpeg describes the input and exits with an error, which is not one here.
  const { stderr } = await execute(await ffmpegPath(), ["-hide_banner", "-nostdin", "-i", file]).catch(
    (error: { stderr: string }) => error,
  );
  return /Stream #0:0.*?: (?:Video|Audio): (\w+)/.exec(stderr)?.[1] ?? "";
}

/**
 * The loudness of each second, dB below full scale; silence is around -91.
 * @param file an audio file.
 */
export async function loudness(file: string): Promise<number[]> {
  const { stderr, stdout } = await execute(await ffmpegPath(), [
    "-hide_banner",
    "-nostdin",
    "-v",
    "info",
    "-i",
    file,
    "-af",
    "asetnsamples=n=48000,astats=metadata=1:reset=1,ametadata=print:key=lavfi.astats.Overall.RMS_level:file=-",
    "-f",
    "null",
    "-",
  ]);
  return [...`${stdout}${stderr}`.matchAll(/RMS_level=(-?[\d.]+|-inf)/g)].map(([, level]) =>
    level === "-inf" ? -120 : Number(level),
  );
}
