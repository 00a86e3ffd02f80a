/** What the readers of containers give: the track that a decoder is set up for, and its packets in their order. */

export interface Track {
  readonly kind: "video" | "audio";
  /** A codec string of the WebCodecs registry; null where only the stream's own bytes tell it (H.264 as Annex B). */
  readonly codec: string | null;
  /** What the decoder is given as its `description`; null where the packets carry it. */
  readonly description: Uint8Array<ArrayBuffer> | null;
  /** Hz; of sound. */
  readonly sampleRate: number;
  /** Of sound. */
  readonly channels: number;
}

export interface Packet {
  /** Since the beginning of its segment, µs. */
  readonly timestampUs: number;
  /** Whether a decoder can begin with it. */
  readonly isKey: boolean;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** Takes the bytes of one segment, cut anywhere. */
export interface ContainerReader {
  /** @throws ContainerError when these are no bytes of such a file; the reader is of no more use then. */
  push(bytes: Uint8Array): void;
  /** What comes next begins anew at a join point; what was cut off before it is forgotten. */
  rejoin(): void;
}

export interface ContainerEvents {
  /** Before the first packet. */
  track(track: Track): void;
  packet(packet: Packet): void;
}

export type ContainerErrorCode = "malformed" | "too-large" | "lacing" | "encoded" | "codec";

/** A file that cannot be read while it grows. */
export class ContainerError extends Error {
  override readonly name = "ContainerError";
  readonly code: ContainerErrorCode;

  constructor(code: ContainerErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
