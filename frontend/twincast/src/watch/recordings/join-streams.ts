/**
 * One file of both streams of a session: packets are copied, and nothing is encoded anew. Each lies where it was captured,
 * so picture and sound are in step, and a gap is as long as what is missing.
 */
import {
  BufferTarget,
  EncodedAudioPacketSource,
  EncodedPacketSink,
  EncodedVideoPacketSource,
  type Input,
  type InputAudioTrack,
  type InputVideoTrack,
  Mp4OutputFormat,
  Output,
  WebMOutputFormat,
} from "mediabunny";
import { parameterSetsOf } from "./parameter-sets";
import { RecordingsError } from "./recordings-api";
import { containerOf, type Piece, type Timeline } from "./timeline";

export interface JoinOptions {
  readonly timeline: Timeline;
  readonly open: (piece: Piece) => Promise<Input>;
  /** @param share of the timeline that is copied, 0 to 1. */
  readonly onProgress: (share: number) => void;
}

export interface JoinedFile {
  readonly blob: Blob;
  readonly extension: "mp4" | "webm";
}

type OpenPiece =
  | { readonly piece: Piece; readonly input: Input; readonly kind: "video"; readonly track: InputVideoTrack }
  | { readonly piece: Piece; readonly input: Input; readonly kind: "audio"; readonly track: InputAudioTrack };

/** Rejects with a RecordingsError, whose message is a sentence for a person. */
export async function joinStreams({ timeline, open, onProgress }: JoinOptions): Promise<JoinedFile> {
  const opened: OpenPiece[] = [];
  try {
    for (const piece of [...timeline.pieces.video, ...timeline.pieces.audio]) {
      const input = await open(piece);
      if (piece.stream === "video") {
        const track = await input.getPrimaryVideoTrack();
        if (track) opened.push({ piece, input, kind: "video", track });
        else input.dispose();
      } else {
        const track = await input.getPrimaryAudioTrack();
        if (track) opened.push({ piece, input, kind: "audio", track });
        else input.dispose();
      }
    }
    return await copy(opened, timeline.durationMs, onProgress);
  } finally {
    for (const { input } of opened) input.dispose();
  }
}

async function copy(
  opened: readonly OpenPiece[],
  durationMs: number,
  onProgress: JoinOptions["onProgress"],
): Promise<JoinedFile> {
  const codecs = new Set<string>();
  for (const { track } of opened) codecs.add((await track.getCodec()) ?? "unknown");
  const extension = containerOf(codecs);
  if (opened.length === 0) throw new RecordingsError("There is nothing in this recording yet.");
  if (extension === null) {
    throw new RecordingsError(
      "Its codecs do not go into one file together. Each of its files can be downloaded as it is.",
    );
  }
  const output = new Output({
    format: extension === "mp4" ? new Mp4OutputFormat({ fastStart: "in-memory" }) : new WebMOutputFormat(),
    target: new BufferTarget(),
  });
  const video = opened.filter((one) => one.kind === "video");
  const audio = opened.filter((one) => one.kind === "audio");
  const videoOut = await videoSource(output, video[0]?.track);
  const audioOut = await audioSource(output, audio[0]?.track);
  await output.start();
  // Both at once: the file's writer interleaves them, and holds back whichever is ahead.
  const reached = { video: 0, audio: 0 };
  const tell = (kind: "video" | "audio", ms: number) => {
    reached[kind] = ms;
    const counted = [...(videoOut ? [reached.video] : []), ...(audioOut ? [reached.audio] : [])];
    onProgress(Math.min(1, Math.min(...counted) / Math.max(1, durationMs)));
  };
  await Promise.all([
    videoOut &&
      copyTrack(
        video,
        (ms) => tell("video", ms),
        (packet, decoderConfig) =>
          videoOut.add(packet, { decoderConfig: decoderConfig as VideoDecoderConfig }),
      ).finally(() => videoOut.close()),
    audioOut &&
      copyTrack(
        audio,
        (ms) => tell("audio", ms),
        (packet, decoderConfig) =>
          audioOut.add(packet, { decoderConfig: decoderConfig as AudioDecoderConfig }),
      ).finally(() => audioOut.close()),
  ]);
  await output.finalize();
  const { buffer } = output.target;
  if (!buffer) throw new RecordingsError("The file could not be made.");
  const type = audioOut && !videoOut ? `audio/${extension}` : `video/${extension}`;
  return { blob: new Blob([buffer], { type }), extension };
}

async function videoSource(output: Output, track: InputVideoTrack | undefined) {
  const codec = await track?.getCodec();
  if (!codec) return null;
  const source = new EncodedVideoPacketSource(codec);
  output.addVideoTrack(source);
  return source;
}

async function audioSource(output: Output, track: InputAudioTrack | undefined) {
  const codec = await track?.getCodec();
  if (!codec) return null;
  const source = new EncodedAudioPacketSource(codec);
  output.addAudioTrack(source);
  return source;
}

type Packet = Awaited<ReturnType<EncodedPacketSink["getFirstPacket"]>> & object;
type Config = VideoDecoderConfig | AudioDecoderConfig;

/** The least that the times of every container tell apart, seconds: Matroska's are whole milliseconds. */
const NEXT_PICTURE_S = 0.001;

async function copyTrack(
  opened: readonly OpenPiece[],
  onReached: (ms: number) => void,
  add: (packet: Packet, config: Config) => Promise<void>,
): Promise<void> {
  let lastS = Number.NEGATIVE_INFINITY;
  let first: Config | null = null;
  for (const { piece, track } of opened) {
    const config = await track.getDecoderConfig();
    if (!config) continue;
    first ??= config;
    const prefix = prefixOf(first, config);
    const beginS = piece.fromMs / 1e3;
    const firstS = await track.getFirstTimestamp();
    for await (const packet of new EncodedPacketSink(track).packets()) {
      let timestamp = beginS + packet.timestamp - firstS;
      // Two segments may overlap by a moment, by their clocks; a file's times only grow.
      if (timestamp <= lastS) {
        // Sound is left out. A picture comes a little later: those behind it are made of it.
        if ("numberOfChannels" in config) continue;
        timestamp = lastS + NEXT_PICTURE_S;
      }
      lastS = timestamp;
      const data = prefix && packet.type === "key" ? concatenated(prefix, packet.data) : packet.data;
      await add(packet.clone({ timestamp, data }), first);
      onReached(timestamp * 1e3);
    }
  }
}

/**
 * What stands before the key frames of a segment that the file's header does not describe.
 *
 * @throws RecordingsError where the two do not go into one track.
 */
function prefixOf(first: Config, config: Config): Uint8Array<ArrayBuffer> | null {
  if (!config.codec.startsWith("avc1")) return null;
  const [described, own] = [first.description, config.description].map((description) =>
    description ? bytesOf(description) : null,
  );
  // Start codes: each key frame brings its own.
  if (!described && !own) return null;
  const sets = described && own ? parameterSetsOf(own) : null;
  if (!described || !own || !sets) {
    throw new RecordingsError(
      "Its pictures were encoded in two ways that do not go into one file. Each of its files can be downloaded as it is.",
    );
  }
  return own.length === described.length && own.every((byte, i) => byte === described[i]) ? null : sets;
}

function bytesOf(source: AllowSharedBufferSource): Uint8Array {
  return ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
}

function concatenated(before: Uint8Array, after: Uint8Array): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(before.length + after.length);
  joined.set(before);
  joined.set(after, before.length);
  return joined;
}
