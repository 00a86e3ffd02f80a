import type { Gap, StreamKind } from "../shared/types";

/** What the backend has of one stream, as acknowledged by it. */
export type ConnectionStatus =
  | { kind: "idle" }
  | { kind: "connecting"; attempt: number }
  | { kind: "live"; delayMs: number | null }
  | { kind: "behind"; behindMs: number }
  | { kind: "reconnecting"; attempt: number; retryAtMs: number | null; keptMs: number }
  | { kind: "offline"; keptMs: number }
  /** The system ended the part of the page that sends this stream; it starts again by itself. */
  | { kind: "restarting"; attempt: number }
  | { kind: "finishing"; leftBytes: number; totalBytes: number }
  | EndedStatus
  | { kind: "failed"; code: string; message: string }
  /** No such device: this stream is not part of the session. */
  | { kind: "absent" };

/** The backend's last word on a stream: how much it has, what is missing, and whether the hashes agree. */
export type EndedStatus = {
  kind: "ended";
  chunks: number;
  bytes: number;
  gaps: readonly Gap[];
  verified: "all" | "partly" | "mismatch";
};

export type ConnectionBadgeProps = {
  stream: StreamKind;
  status: ConnectionStatus;
  /** The clock that `retryAtMs` is read against, ms; `timeOrigin + now()` of `performance` unless a story stops it. */
  nowMs?: () => number;
};
