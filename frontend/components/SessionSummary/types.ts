import type { StreamKind, StreamOutcome } from "twincast";

/** How one of the two streams came to its end. */
export type StreamResult = { stream: StreamKind } & StreamOutcome;

export type SessionSummaryProps = {
  durationMs: number;
  streams: readonly StreamResult[];
};
