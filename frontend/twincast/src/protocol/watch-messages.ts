/**
 * The text messages of twincast.watch.v1 (protocol/watch.md). The viewer writes `ViewerMessage`s and reads
 * `WatchMessage`s; what comes from the network is validated here and nowhere else.
 */
import {
  boolean,
  check,
  finite,
  type InferOutput,
  integer,
  literal,
  minValue,
  nullish,
  number,
  object,
  picklist,
  pipe,
  string,
  variant,
} from "valibot";
import type { StreamKind } from "../model/stream";
import { parseMessage } from "./parse-message";

export const WATCH_SUBPROTOCOL = "twincast.watch.v1";

const count = pipe(number(), integer(), minValue(0));
const amount = pipe(number(), integer(), minValue(1));
const ms = pipe(number(), finite());

const watchMessage = variant("type", [
  object({
    type: literal("watching"),
    watchId: string(),
    kind: picklist(["video", "audio"]),
    state: picklist(["live", "gone", "ended"]),
    muted: boolean(),
    clockOffsetMs: nullish(ms),
    serverTime: ms,
    idleMs: amount,
  }),
  object({
    type: literal("segment"),
    segment: count,
    from: count,
    headerMissing: boolean(),
    mimeType: string(),
  }),
  pipe(
    object({ type: literal("gap"), from: count, to: count, ms: pipe(ms, minValue(0)), reason: string() }),
    check((gap) => gap.from <= gap.to, "a gap ends before it begins"),
  ),
  object({ type: literal("muted"), muted: boolean() }),
  object({ type: literal("skipped"), from: count, to: count }),
  object({ type: literal("gone") }),
  object({ type: literal("resumed") }),
  object({ type: literal("ended"), chunks: count, bytes: count, verified: boolean() }),
  object({ type: literal("pong"), t: ms, serverTime: ms, clockOffsetMs: nullish(ms) }),
  object({ type: literal("error"), code: string(), message: string() }),
]);
export type WatchMessage = InferOutput<typeof watchMessage>;

export type ViewerMessage =
  | {
      readonly type: "watch";
      readonly watchId: string;
      readonly kind: StreamKind;
      readonly token?: string;
    }
  | { readonly type: "ping"; readonly t: number };

/** What a viewer does when its socket closes; see protocol/watch.md. */
export type WatchCloseReaction = "stay-closed" | "retry" | "give-up" | "ask-secret" | "look-at-list";

const REACTIONS: ReadonlyMap<number, WatchCloseReaction> = new Map([
  [1000, "stay-closed"],
  [1009, "give-up"],
  [4400, "give-up"],
  [4401, "ask-secret"],
  [4403, "give-up"],
  [4404, "look-at-list"],
  [4405, "give-up"],
  [4406, "give-up"],
]);

/** @returns what to do after this close code; one that is in no table is worth another try. */
export function watchCloseReaction(closeCode: number): WatchCloseReaction {
  return REACTIONS.get(closeCode) ?? "retry";
}

/** @returns the text frame of a message. */
export function formatViewerMessage(message: ViewerMessage): string {
  return JSON.stringify(message);
}

/**
 * @param text a text frame from the backend.
 * @throws ProtocolError when it is not a message of this version.
 */
export function parseWatchMessage(text: string): WatchMessage {
  return parseMessage(watchMessage, text);
}
