import type { StreamKind, StreamStatus } from "@/model/stream";

export type ConnectionBadgeProps = {
  stream: StreamKind;
  status: StreamStatus;
  /** The clock that `retryAtMs` is read against, ms. */
  nowMs: () => number;
};
