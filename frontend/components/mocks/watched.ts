import type { StripMark, WatchedStatus, WatchedStream } from "twincast/watch";

const LIVE: WatchedStatus = { kind: "live" };
const FIGURES = {
  video: { delayMs: 38, rateKBps: 182 },
  audio: { delayMs: 92, rateKBps: 6.4 },
} as const;

/** A stream that is watched. */
export function watched(
  kind: "video" | "audio",
  status: WatchedStatus = LIVE,
  marks: readonly StripMark[] = [],
  muted = false,
): WatchedStream {
  const isShown = status.kind === "live" || status.kind === "skipped";
  const { delayMs, rateKBps } = FIGURES[kind];
  return {
    kind,
    status,
    figures: {
      delayMs: isShown ? delayMs : null,
      rateKBps: isShown || status.kind === "joining" ? rateKBps : 0,
      marks,
      muted,
    },
  };
}

/** Both streams of a phone in one state. */
export const both = (status?: WatchedStatus, marks: readonly StripMark[] = []): WatchedStream[] => [
  watched("video", status, marks),
  watched("audio", status, marks),
];
