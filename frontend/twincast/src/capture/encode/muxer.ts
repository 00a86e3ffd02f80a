import type { StreamKind } from "../../model/stream";

/** Codecs by the names that Mediabunny gives them. */
export type Codec = "avc" | "vp8" | "vp9" | "opus";

/** Wraps one segment's encoded frames into a container. One call at a time. */
export interface SegmentMuxer {
  /** Without the codec, e.g. `video/webm`. */
  mimeType(kind: StreamKind): string;
  /**
   * @param timestampS seconds since the segment's first frame; never decreasing.
   * @param decoderConfig needed with the first frame, ignored later.
   * @returns the bytes that the frame added, the header before those of the first.
   */
  add(
    chunk: EncodedVideoChunk | EncodedAudioChunk,
    timestampS: number,
    decoderConfig: VideoDecoderConfig | AudioDecoderConfig,
  ): Promise<Uint8Array<ArrayBuffer>>;
  /** @returns what is left to make the file whole. */
  finish(): Promise<Uint8Array<ArrayBuffer>>;
}

export type MuxerFactory = (codec: Codec) => Promise<SegmentMuxer>;
