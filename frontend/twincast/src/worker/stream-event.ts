import type { Reduction } from "../adaptation";
import type { EncoderError } from "../capture/encode";
import type { SegmentInfo } from "../model/media";
import type { Gap } from "../model/stream";
import type { SenderStatus } from "../transport";

/** What becomes of a stream. */
export type StreamEvent =
  | {
      readonly kind: "report";
      readonly status: SenderStatus;
      readonly droppedFrames: number;
      readonly reduction?: Reduction;
    }
  /** Its encoder is there, and reads the track from now on. */
  | { readonly kind: "encoding" }
  | { readonly kind: "segment"; readonly info: SegmentInfo }
  | { readonly kind: "gap"; readonly gap: Gap }
  /** The backend takes the token no more; `setToken` lets the stream go on. */
  | { readonly kind: "token-wanted" }
  /** The worker is silent or lost; it, or another one, goes on. @param attempt counts from 1. */
  | { readonly kind: "restarting"; readonly attempt: number }
  /** Encoding ended for good; what was recorded is still being delivered. */
  | { readonly kind: "broken"; readonly error: EncoderError }
  /** The stream is over. */
  | { readonly kind: "failed"; readonly error: EncoderError }
  | { readonly kind: "discarded"; readonly leftBytes: number }
  /** Stopped before anything was to be sent. */
  | { readonly kind: "unused" };
