/**
 * Only `loadMuxer` imports this module, when it is called: Mediabunny is the largest part of an encoder. It writes a
 * single-track WebM (VP8, VP9, Opus) or Matroska (H.264) that is only ever appended to, with bytes after every frame.
 * Not fragmented MP4: that is cut at key frames only, so its bytes would come a key frame's distance at a time.
 */
import {
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedVideoPacketSource,
  MkvOutputFormat,
  Output,
  StreamTarget,
  type StreamTargetChunk,
  WebMOutputFormat,
} from "mediabunny";
import { concatenate } from "./concatenate";
import type { MuxerFactory, SegmentMuxer } from "./muxer";

/** Long enough that only key frames begin a cluster, short enough that a cluster's 16-bit clock never runs over. */
const CLUSTER_S = 1;

export const createMuxer: MuxerFactory = async (codec) => {
  const isMatroska = codec === "avc";
  const Format = isMatroska ? MkvOutputFormat : WebMOutputFormat;
  const fresh: Uint8Array<ArrayBuffer>[] = [];
  let received = 0;
  let onReceived = () => {};
  const target = new StreamTarget(
    new WritableStream<StreamTargetChunk>({
      write({ data, position }) {
        if (position !== received) throw new Error(`Bytes for ${position} came after ${received} bytes.`);
        fresh.push(data);
        received += data.byteLength;
        onReceived();
      },
    }),
  );
  let written = 0;
  target.on("write", ({ end }) => {
    written = Math.max(written, end);
  });
  const output = new Output({
    format: new Format({ appendOnly: true, minimumClusterDuration: CLUSTER_S }),
    target,
  });

  /** The bytes since the last call. Streams pass them on in later microtasks; what was written is waited for. */
  const collect = async (): Promise<Uint8Array<ArrayBuffer>> => {
    while (received < written) {
      await new Promise<void>((resolve) => {
        onReceived = resolve;
      });
    }
    return concatenate(fresh.splice(0));
  };

  const packetOf = (chunk: EncodedVideoChunk | EncodedAudioChunk, timestampS: number) => {
    const data = new Uint8Array(chunk.byteLength);
    chunk.copyTo(data);
    return new EncodedPacket(data, chunk.type, timestampS, (chunk.duration ?? 0) / 1e6);
  };

  let add: (
    chunk: EncodedVideoChunk | EncodedAudioChunk,
    timestampS: number,
    decoderConfig?: object,
  ) => Promise<void>;
  if (codec === "opus") {
    const source = new EncodedAudioPacketSource(codec);
    output.addAudioTrack(source);
    add = (chunk, timestampS, decoderConfig) =>
      source.add(packetOf(chunk, timestampS), { decoderConfig: decoderConfig as AudioDecoderConfig });
  } else {
    const source = new EncodedVideoPacketSource(codec);
    output.addVideoTrack(source);
    add = (chunk, timestampS, decoderConfig) =>
      source.add(packetOf(chunk, timestampS), { decoderConfig: decoderConfig as VideoDecoderConfig });
  }
  await output.start();

  return {
    mimeType: (kind) => `${kind}/${isMatroska ? "x-matroska" : "webm"}`,
    async add(chunk, timestampS, decoderConfig) {
      await add(chunk, timestampS, decoderConfig);
      return collect();
    },
    async finish() {
      await output.finalize();
      return collect();
    },
  } satisfies SegmentMuxer;
};
