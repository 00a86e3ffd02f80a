import type { EncoderName, StreamKind } from "../../model/stream";
import type { ChunkSink } from "../types";

/**
 * Turns one device's media into encoded chunks. `Input` is what an encoder reads: a track, or what stands for a track
 * in a worker. An encoder lives for one session and is started once.
 */
export interface StreamEncoder<Input> {
  readonly kind: StreamKind;
  readonly name: EncoderName;
  /**
   * Begins the first segment. Resolves when its first bytes reached the sink, or when it is stopped before that; stays
   * pending while the input is muted.
   * Rejects with an `EncoderError` when no way of encoding gives any.
   */
  start(input: Input, sink: ChunkSink): Promise<void>;
  /**
   * Ends the segment with everything that it has and begins another at once: on a key frame, with its own header, and
   * from `input` when there is a new one (a camera flip, a device taken again after an interruption).
   */
  newSegment(input?: Input): void;
  /** `needs-segment`: this encoder takes the rate with its next segment only. */
  setBitrate(bitsPerSecond: number): "applied" | "needs-segment";
  /** Ends the last segment. Resolves when everything is in the sink; then nothing more comes. */
  stop(): Promise<void>;
  stats(): EncoderStats;
}

/** Counts since `start`. */
export interface EncoderStats {
  readonly segments: number;
  readonly chunks: number;
  readonly bytes: number;
  /** Frames that came from the device and were not encoded, because the phone could not keep up. */
  readonly droppedFrames: number;
  /** Times that a recorder handed over nothing. */
  readonly emptyChunks: number;
  /** Encoded chunks whose bytes could not be read; each ended its segment. */
  readonly lostChunks: number;
}

export type EncoderErrorCode =
  /** There is no API to encode with. */
  | "unsupported"
  /** Every format was tried and none gave a byte in time. */
  | "no-bytes"
  /** It encoded, then broke, and could not be started again. */
  | "broken"
  /** Its code could not be fetched. */
  | "not-loaded"
  /** The worker that it ran in was ended again and again. */
  | "worker-lost";

/**
 * From `start`, or from its last output, until an encoder is given up that nothing else could take the place of. A busy
 * phone makes a sound encoder wait for seconds.
 */
export const LAST_RESORT_MS = 20_000;

const SENTENCES: Record<EncoderErrorCode, string> = {
  unsupported: "This browser cannot encode; open the page in an up-to-date Safari or Chrome.",
  "no-bytes": "This browser's encoder gives no data; close other tabs and apps, or try another browser.",
  "not-loaded": "A part of this page could not be loaded; load the page again.",
  "worker-lost":
    "The system keeps ending the part of this page that sends; close other apps and load the page again.",
  broken: "The encoder stopped working; start again, and if that does not help, load the page again.",
};

/** The stream cannot be encoded. The message says what to do; `detail` is for a developer. */
export class EncoderError extends Error {
  override readonly name = "EncoderError";
  readonly code: EncoderErrorCode;
  readonly kind: StreamKind;
  readonly detail: string;

  constructor(kind: StreamKind, code: EncoderErrorCode, detail: string) {
    super(SENTENCES[code]);
    this.kind = kind;
    this.code = code;
    this.detail = detail;
  }
}
