/**
 * What the page and a stream's worker say to each other. All of it is plain data, and beside it stands what moves with
 * it instead of being copied, so that a port can carry it.
 */

import type { Reduction } from "../adaptation";
import type { ProbedAudio, ProbedVideo, Size, VideoTarget } from "../capture";
import type { PcmInput } from "../capture/audio";
import type { Cadence, EncoderErrorCode } from "../capture/encode";
import type { FrameDetails, FrameInput, VideoCodecChoice } from "../capture/video";
import type { EncodedChunk, SegmentInfo } from "../model/media";
import type { Gap, StreamKind } from "../model/stream";
import type {
  Continuation,
  NetworkEvent,
  NumberedChunk,
  SegmentReason,
  SenderRecord,
  SenderStatus,
  StreamLimits,
} from "../transport";

/** Where a stream goes, and how much of it the phone keeps on the way. */
export interface SendOptions {
  readonly url: string;
  readonly session: string;
  readonly stream: StreamKind;
  readonly token?: string;
  readonly userAgent: string;
  readonly limits: StreamLimits;
}

/** What a probe is to encode. */
export type ProbeRequest =
  | ({ readonly stream: "video" } & VideoTarget)
  | { readonly stream: "audio"; readonly sampleRate: number; readonly bitsPerSecond: number };

/** Where an encoder gets its frames or samples from. */
export type EncoderInput = FrameInput | PcmInput;

interface CommonPlan {
  readonly bitsPerSecond: number;
  readonly cadence: Cadence;
  /** Why this encoder was chosen; sent with every segment. */
  readonly reason: string;
  /** Nothing else could take its place, so it is given more time. */
  readonly isLastResort: boolean;
}
/** Everything about a WebCodecs encoder but its input. */
export type EncodePlan = CommonPlan &
  (
    | {
        readonly stream: "video";
        readonly choice: VideoCodecChoice;
        readonly maxSize: Size;
        readonly frameRate: number;
      }
    | { readonly stream: "audio" }
  );

/** Page to worker. */
export type WorkerCommand =
  /** Begins to send; with `continues`, in place of a worker that was lost. */
  | { readonly kind: "start"; readonly options: SendOptions; readonly continues?: Continuation }
  /** Delivers what a former page stored, answered by `restored`. Nothing is recorded. */
  | { readonly kind: "restore"; readonly options: SendOptions }
  /** From a recorder, which lives on the page. */
  | { readonly kind: "segment"; readonly info: SegmentInfo }
  | { readonly kind: "chunk"; readonly chunk: EncodedChunk }
  | { readonly kind: "segment-end" }
  | { readonly kind: "muted"; readonly muted: boolean }
  | { readonly kind: "network"; readonly event: NetworkEvent }
  /** For every `hello` from now on. */
  | { readonly kind: "token"; readonly token: string | undefined }
  | { readonly kind: "probe"; readonly request: ProbeRequest }
  | { readonly kind: "encode"; readonly plan: EncodePlan; readonly input: EncoderInput }
  /** A new segment, from another input where there is one. */
  | { readonly kind: "encode-segment"; readonly input?: EncoderInput }
  | { readonly kind: "encode-details"; readonly details: FrameDetails }
  /** Lets go of the encoder's input; answered by `released`. The encoder waits for another one. */
  | { readonly kind: "release" }
  /** Ends the encoder without its last chunks: another one takes its place. */
  | { readonly kind: "encode-abort" }
  /**
   * Ends the encoder with its last chunks, answered by `flushed`; delivers what is kept, and has it verified.
   * `recordedTo`: when the person pressed Stop; absent where a worker that is lost had handed over everything until then.
   */
  | { readonly kind: "finish"; readonly recordedTo?: number }
  /** Ends everything and gives up what is kept. */
  | { readonly kind: "abandon" };

/** Worker to page. */
export type WorkerEvent =
  /** It runs; sent once. */
  | { readonly kind: "loaded" }
  /** It still runs. */
  | { readonly kind: "alive" }
  | {
      readonly kind: "report";
      readonly status: SenderStatus;
      /** What another worker needs to go on in this one's place. */
      readonly record: SenderRecord;
      readonly droppedFrames: number;
      /** What of the picture is less than asked for; only from an encoder that runs there. */
      readonly reduction?: Reduction;
    }
  /** A chunk got its number. Sent before the chunk leaves: the page knows of each one that the backend may have. */
  | ({ readonly kind: "numbered" } & NumberedChunk)
  /** What it numbered from the seq `from` on lies `by` higher: more had arrived of a lost worker than was known. */
  | { readonly kind: "renumbered"; readonly from: number; readonly by: number }
  /** What a former page stored: when its session began, and when the newest media of it was captured. Null: nothing. */
  | {
      readonly kind: "restored";
      readonly found: { readonly startedAt: number; readonly endedAt: number } | null;
    }
  /** Everything up to `seq` has arrived. */
  | { readonly kind: "acknowledged"; readonly seq: number }
  /** A segment began in an encoder that runs there. */
  | { readonly kind: "segment"; readonly info: SegmentInfo }
  | { readonly kind: "gap"; readonly gap: Gap }
  | { readonly kind: "segment-wanted"; readonly reason: SegmentReason }
  /** The backend takes the token no more; answered by `token`. */
  | { readonly kind: "token-wanted" }
  | {
      readonly kind: "probed";
      readonly result: ProbedVideo | ProbedAudio;
      /** Whether tracks can be read where this runs. */
      readonly hasTrackProcessor: boolean;
    }
  /** The first bytes are on their way. */
  | { readonly kind: "encoding" }
  | { readonly kind: "encode-failed"; readonly code: EncoderErrorCode; readonly detail: string }
  | { readonly kind: "released" }
  | { readonly kind: "flushed" };

/** @returns what moves to the worker with the command. */
export function transferOf(command: WorkerCommand): Transferable[] {
  switch (command.kind) {
    case "chunk":
      return [command.chunk.payload.buffer];
    case "encode":
      return [carrierOf(command.input)];
    case "encode-segment":
      return command.input ? [carrierOf(command.input)] : [];
    case "start":
    case "restore":
    case "segment":
    case "segment-end":
    case "muted":
    case "network":
    case "token":
    case "probe":
    case "encode-details":
    case "release":
    case "encode-abort":
    case "finish":
    case "abandon":
      return [];
  }
}

/** What carries frames or samples. Tracks are not in TypeScript's list, but transfer. */
function carrierOf(input: EncoderInput): Transferable {
  if ("by" in input) return input.by === "worklet" ? input.port : input.sound;
  switch (input.from) {
    case "frames":
      return input.frames;
    case "track":
      return input.track as unknown as Transferable;
    case "port":
      return input.port;
  }
}

/** Lets go of what a command carries that nobody takes any more. */
export function releaseCommand(command: WorkerCommand): void {
  if ("input" in command && command.input) releaseInput(command.input);
}

/** Lets go of an input that no encoder reads. */
export function releaseInput(input: EncoderInput): void {
  if ("by" in input) {
    if (input.by === "worklet") input.port.close();
    else cancel(input.sound);
  } else if (input.from === "frames") cancel(input.frames);
  else if (input.from === "track") input.track.stop();
  else input.port.close();
}

function cancel(stream: ReadableStream): void {
  stream.cancel().catch(() => {});
}
