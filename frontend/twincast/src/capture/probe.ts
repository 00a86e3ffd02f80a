/**
 * Real probe encodes. `isConfigSupported` says yes to encoders that never give a frame, echoes back whatever
 * acceleration it is asked for in Safari, and throws in some versions; so a few frames are encoded and looked at.
 */

import { type Clock, systemClock } from "../clock";
import { opusConfig } from "./audio/encoder";
import { PCM_BLOCK_MS } from "./audio/pcm-input";
import { loadMuxer } from "./encode/load-muxer";
import type { MuxerFactory } from "./encode/muxer";
import type { Size } from "./types";
import type { VideoCodecChoice } from "./video/encoder";

export type Probed<Choice> =
  | { readonly kind: "works"; readonly choice: Choice; readonly reason: string }
  | { readonly kind: "fails"; readonly reason: string };

export type ProbedVideo = Probed<VideoCodecChoice>;
export type ProbedAudio = Probed<"opus">;

/** The engine's WebCodecs, or a test's. */
export interface ProbeEnvironment {
  readonly clock: Clock;
  readonly loadMuxer: () => Promise<MuxerFactory>;
  /** Absent where the engine has none. */
  readonly video?: {
    isConfigSupported(config: VideoEncoderConfig): Promise<VideoEncoderSupport>;
    create(init: VideoEncoderInit): VideoEncoder;
    frame(size: Size, timestampUs: number): VideoFrame;
  };
  readonly audio?: {
    create(init: AudioEncoderInit): AudioEncoder;
    block(sampleRate: number, timestampUs: number): AudioData;
  };
}

export interface VideoTarget {
  readonly size: Size;
  readonly frameRate: number;
  readonly bitsPerSecond: number;
}

const PROBE_FRAMES = 10;
/** For one configuration to give its first key frame. */
const ATTEMPT_MS = 1_500;
/**
 * After this time without a key frame the next configuration is tried beside it, and the first to give one is taken:
 * a person is waiting. Firefox says yes to three profiles of H.264 whose encoder looks ahead for more than a second.
 */
const HEAD_START_MS = 300;

export async function probeVideo(target: VideoTarget, environment = browserProbe()): Promise<ProbedVideo> {
  const { video, clock } = environment;
  if (!video) return { kind: "fails", reason: "VideoEncoder is not defined" };
  const muxer = await muxerFailure(environment);
  if (muxer) return muxer;
  const startedAt = clock.now();
  const failures: string[] = [];
  const over = new AbortController();
  let found: VideoCodecChoice | undefined;
  const running: Promise<void>[] = [];
  for (const choice of videoCandidates(target)) {
    if (!(await isSupported(video, choice, target))) continue;
    if (found) break;
    const run = tryVideo(video, choice, target, clock, over.signal).then((failure) => {
      if (failure !== undefined) failures.push(`${nameOf(choice)}: ${failure}`);
      else found ??= choice;
      if (found) over.abort();
    });
    running.push(run);
    await within(clock, HEAD_START_MS, run);
    if (found) break;
  }
  await Promise.all(running);
  if (!found) return { kind: "fails", reason: failures.join("; ") || "no codec for live video is supported" };
  return {
    kind: "works",
    choice: found,
    reason: `A probe encoded ${nameOf(found)} in ${Math.round(clock.now() - startedAt)} ms.`,
  };
}

const nameOf = ({ config }: VideoCodecChoice) => `${config.codec} (${config.hardwareAcceleration})`;

/** @returns when `work` is done, after `limitMs` at the latest */
async function within(clock: Clock, limitMs: number, work: Promise<void>): Promise<void> {
  let stopWaiting = () => {};
  const limit = new Promise<void>((resolve) => {
    stopWaiting = clock.after(limitMs, resolve);
  });
  await Promise.race([work, limit]);
  stopWaiting();
}

export async function probeAudio(
  sampleRate: number,
  bitsPerSecond: number,
  environment = browserProbe(),
): Promise<ProbedAudio> {
  const { audio, clock } = environment;
  if (!audio) return { kind: "fails", reason: "AudioEncoder is not defined" };
  const muxer = await muxerFailure(environment);
  if (muxer) return muxer;
  const startedAt = clock.now();
  const failure = await attempt<EncodedAudioChunkMetadata>(
    clock,
    new AbortController().signal,
    (output, error) => {
      const encoder = audio.create({ output: (_chunk, metadata) => output(metadata), error });
      encoder.configure(opusConfig(sampleRate, bitsPerSecond));
      for (let i = 0; i < PROBE_FRAMES; i++) {
        const block = audio.block(sampleRate, i * PCM_BLOCK_MS * 1e3);
        encoder.encode(block);
        block.close();
      }
      return encoder;
    },
  );
  if (failure !== undefined) return { kind: "fails", reason: `opus: ${failure}` };
  const tookMs = Math.round(clock.now() - startedAt);
  return { kind: "works", choice: "opus", reason: `A probe encoded opus in ${tookMs} ms.` };
}

/** WebCodecs is of no use without the code that wraps what it makes. */
async function muxerFailure({
  loadMuxer,
}: ProbeEnvironment): Promise<{ kind: "fails"; reason: string } | undefined> {
  try {
    await loadMuxer();
    return undefined;
  } catch (cause) {
    return { kind: "fails", reason: `the muxer did not load: ${cause}` };
  }
}

/**
 * H.264 first: phones have it in hardware. High before Baseline: Apple's low-latency mode knows nothing else. VP8 last:
 * in software it is as good at 640x480 and starves at 720p.
 */
export function videoCandidates({ size, frameRate }: VideoTarget): readonly VideoCodecChoice[] {
  const level = avcLevel(size, frameRate);
  const profiles = [`avc1.6400${level}`, `avc1.4D40${level}`, `avc1.42E0${level}`];
  const avc = (hardwareAcceleration: HardwareAcceleration) =>
    profiles.map(
      (codec): VideoCodecChoice => ({
        codec: "avc",
        // Matroska wants the parameter sets in its header, not in the stream.
        config: {
          codec,
          hardwareAcceleration,
          latencyMode: "realtime",
          bitrateMode: "variable",
          avc: { format: "avc" },
        },
      }),
    );
  const vp8: VideoCodecChoice = {
    codec: "vp8",
    config: {
      codec: "vp8",
      hardwareAcceleration: "no-preference",
      latencyMode: "realtime",
      bitrateMode: "variable",
    },
  };
  return [...avc("prefer-hardware"), ...avc("no-preference"), vp8];
}

/** @returns the level that allows this many macroblocks a second, in hex (ITU-T H.264, table A-1). */
export function avcLevel({ width, height }: Size, frameRate: number): string {
  const macroblocks = Math.ceil(width / 16) * Math.ceil(height / 16);
  if (macroblocks <= 3_600 && macroblocks * frameRate <= 108_000) return "1F";
  if (macroblocks <= 8_192 && macroblocks * frameRate <= 245_760) return "28";
  return "33";
}

const configOf = ({ config }: VideoCodecChoice, { size, frameRate, bitsPerSecond }: VideoTarget) => ({
  ...config,
  ...size,
  framerate: frameRate,
  bitrate: bitsPerSecond,
});

/** "No" is believed, "yes" is put to the test. Safari 26 throws TypeErrors instead of saying no. */
async function isSupported(
  video: NonNullable<ProbeEnvironment["video"]>,
  choice: VideoCodecChoice,
  target: VideoTarget,
): Promise<boolean> {
  try {
    return (await video.isConfigSupported(configOf(choice, target))).supported === true;
  } catch {
    return false;
  }
}

function tryVideo(
  video: NonNullable<ProbeEnvironment["video"]>,
  choice: VideoCodecChoice,
  target: VideoTarget,
  clock: Clock,
  over: AbortSignal,
): Promise<string | undefined> {
  const { size, frameRate } = target;
  return attempt<EncodedVideoChunkMetadata>(clock, over, (output, error) => {
    const encoder = video.create({
      output: (chunk, metadata) => output(chunk.type === "key" ? metadata : undefined),
      error,
    });
    encoder.configure(configOf(choice, target));
    for (let i = 0; i < PROBE_FRAMES; i++) {
      const frame = video.frame(size, Math.round((i * 1e6) / frameRate));
      encoder.encode(frame, { keyFrame: i === 0 });
      frame.close();
    }
    return encoder;
  });
}

/**
 * Runs an encoder until its first output that a decoder could be set up with. Not flushed: an encoder that gives
 * nothing before it is told to is one that looks ahead, and useless for live media.
 *
 * @param over ends it: another one was faster.
 * @returns what went wrong, if anything.
 */
async function attempt<Metadata extends { decoderConfig?: unknown }>(
  clock: Clock,
  over: AbortSignal,
  encode: (
    output: (metadata: Metadata | undefined) => void,
    error: (cause: unknown) => void,
  ) => { readonly state: CodecState; close(): void },
): Promise<string | undefined> {
  let encoder: ReturnType<typeof encode> | undefined;
  let stopWaiting = () => {};
  try {
    return await new Promise<string | undefined>((resolve) => {
      stopWaiting = clock.after(ATTEMPT_MS, () => resolve(`nothing in ${ATTEMPT_MS} ms`));
      over.addEventListener("abort", () => resolve("another one was faster"));
      encoder = encode(
        (metadata) => {
          if (metadata?.decoderConfig) resolve(undefined);
        },
        (cause) => resolve(String(cause)),
      );
    });
  } catch (cause) {
    return String(cause);
  } finally {
    stopWaiting();
    if (encoder && encoder.state !== "closed") encoder.close();
  }
}

function browserProbe(): ProbeEnvironment {
  return {
    clock: systemClock,
    loadMuxer,
    ...("VideoEncoder" in globalThis && {
      video: {
        isConfigSupported: (config) => VideoEncoder.isConfigSupported(config),
        create: (init) => new VideoEncoder(init),
        frame: greyFrame,
      },
    }),
    ...("AudioEncoder" in globalThis && {
      audio: { create: (init) => new AudioEncoder(init), block: toneBlock },
    }),
  };
}

function greyFrame({ width, height }: Size, timestamp: number): VideoFrame {
  const luma = width * height;
  const pixels = new Uint8Array(luma + 2 * Math.ceil(width / 2) * Math.ceil(height / 2)).fill(128);
  // Each frame a little different, so that no encoder has reason to leave one out.
  pixels.fill(128 + (timestamp % 64), 0, luma);
  return new VideoFrame(pixels, { format: "I420", codedWidth: width, codedHeight: height, timestamp });
}

function toneBlock(sampleRate: number, timestamp: number): AudioData {
  const numberOfFrames = Math.round((sampleRate * PCM_BLOCK_MS) / 1e3);
  const data = Float32Array.from(
    { length: numberOfFrames },
    (_, i) => 0.1 * Math.sin((2 * Math.PI * 440 * i) / sampleRate),
  );
  return new AudioData({ format: "f32", sampleRate, numberOfFrames, numberOfChannels: 1, timestamp, data });
}
