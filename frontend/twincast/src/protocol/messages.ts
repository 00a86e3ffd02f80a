/**
 * The text messages of twincast.v1 (protocol/README.md). The client writes `ClientMessage`s and reads
 * `BackendMessage`s; what comes from the network is validated here and nowhere else.
 */
import {
  array,
  boolean,
  check,
  finite,
  type GenericSchema,
  type InferOutput,
  integer,
  literal,
  minLength,
  minValue,
  number,
  object,
  optional,
  picklist,
  pipe,
  string,
  variant,
} from "valibot";
import type { SegmentInfo } from "../model/media";
import type { Gap } from "../model/stream";
import { parseMessage } from "./parse-message";

const count = pipe(number(), integer(), minValue(0));
const amount = pipe(number(), integer(), minValue(1));
const ms = pipe(number(), finite());

const gapFields = {
  from: count,
  to: count,
  ms: pipe(number(), finite(), minValue(0)),
  reason: picklist(["outbox-full", "too-far-behind", "too-large", "worker-lost"]),
};
const gap = pipe(
  object(gapFields),
  check((value) => value.from <= value.to, "a gap ends before it begins"),
) satisfies GenericSchema<unknown, Gap>;

const limits = object({ maxChunkBytes: amount, windowBytes: amount, ackEveryMs: count, idleMs: amount });
export type Limits = InferOutput<typeof limits>;

const backendMessage = variant("type", [
  object({ type: literal("ready"), nextSeq: count, resumed: boolean(), serverTime: ms, limits }),
  object({ type: literal("ack"), seq: count, t: ms }),
  object({ type: literal("pong"), t: ms, serverTime: ms }),
  object({ type: literal("watched"), viewers: count }),
  object({
    type: literal("ended"),
    chunks: count,
    bytes: count,
    gaps: array(gap),
    verified: boolean(),
    ranges: array(
      object({ segment: count, from: count, state: picklist(["verified", "mismatch", "unknown"]) }),
    ),
  }),
  object({
    type: literal("error"),
    code: pipe(string(), minLength(1)),
    message: string(),
    seq: optional(count),
  }),
]);
export type BackendMessage = InferOutput<typeof backendMessage>;
export type Ended = Extract<BackendMessage, { type: "ended" }>;

/** What a `segment` message says of how the segment was made; absent fields are unknown. */
export type SegmentDescription = Omit<SegmentInfo, "encoder"> & Partial<Pick<SegmentInfo, "encoder">>;

/** Chunks of one segment that were taken without a gap, for the comparison of hashes at the end. */
export interface HashedRange {
  readonly segment: number;
  readonly from: number;
  readonly bytes: number;
  /** Over the payloads, in lower-case hex. */
  readonly chain: string;
  /** Who kept it was lost: the backend may have more of it than was known then. */
  readonly maybeShorter?: boolean;
}

export type ClientMessage =
  | {
      readonly type: "hello";
      readonly session: string;
      readonly resumeFrom: number;
      readonly connection?: number;
      readonly token?: string;
      readonly client?: { readonly userAgent?: string };
    }
  | ({ readonly type: "segment"; readonly segment: number } & SegmentDescription)
  | ({ readonly type: "gap" } & Gap)
  | { readonly type: "muted"; readonly muted: boolean }
  | { readonly type: "ping"; readonly t: number; readonly offsetMs?: number; readonly rttMs?: number }
  | { readonly type: "end"; readonly lastSeq: number; readonly segments: readonly HashedRange[] };

/** @returns the text frame of a message. */
export function formatMessage(message: ClientMessage): string {
  return JSON.stringify(message);
}

/**
 * @param text a text frame from the backend.
 * @throws ProtocolError when it is not a message of this version.
 */
export function parseBackendMessage(text: string): BackendMessage {
  return parseMessage(backendMessage, text);
}
