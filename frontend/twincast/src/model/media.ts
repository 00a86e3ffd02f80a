/**
 * What encoders make, as capture hands it over and transport takes it. The names are those of the wire
 * (protocol/README.md).
 */

import type { Facing } from "./device";
import type { EncoderName } from "./stream";

/** How a segment was made. */
export interface SegmentInfo {
  /** What the encoder says it makes, read after it started. */
  readonly mimeType: string;
  /** The codec string alone, e.g. `vp8`, `avc1.42E01F`, `opus`. */
  readonly codecs?: string;
  /** When the encoder was started, ms since the epoch. */
  readonly startedAt: number;
  /** What encodes it, and a sentence that says why this one was chosen. */
  readonly encoder: { readonly name: EncoderName; readonly reason: string };
  /** Of the picture, px; absent for sound, and where the browser does not tell it. */
  readonly width?: number;
  /** Of the picture, px, likewise. */
  readonly height?: number;
  /** Pictures a second: what the camera is set to, or fewer where the path carries less. */
  readonly frameRate?: number;
  /** Which way the camera faces; absent for those that have no side, such as webcams. */
  readonly facing?: Facing;
  /** Clockwise rotation of the screen at the segment's start, in degrees. */
  readonly orientation?: number;
  /** Of the sound, Hz; absent for pictures, and where the browser does not tell it. */
  readonly sampleRate?: number;
  /** Of the sound, likewise; 1 is mono. */
  readonly channels?: number;
}

/** Encoded bytes of one span of media. Payloads of a segment, laid end to end, are a file that decodes alone. */
export interface EncodedChunk {
  readonly payload: Uint8Array<ArrayBuffer>;
  /** When the oldest media in the payload was captured, ms since the epoch on the `Clock`. */
  readonly capturedFrom: number;
  /** When the newest was; not before `capturedFrom`. */
  readonly capturedTo: number;
  /** Whether the payload begins with a key frame, as far as the encoder tells. Always true for audio. */
  readonly keyFrame: boolean;
}
