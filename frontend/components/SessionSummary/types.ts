import type { EndedStatus } from "../ConnectionBadge/types";
import type { StreamKind } from "../shared/types";

/** How one stream came to its end. */
export type StreamOutcome = { stream: StreamKind } & (
  | EndedStatus
  | { kind: "failed"; code: string; message: string }
  | { kind: "discarded"; leftBytes: number }
  | { kind: "absent" }
);

export type SessionSummaryProps = {
  durationMs: number;
  streams: readonly StreamOutcome[];
};
