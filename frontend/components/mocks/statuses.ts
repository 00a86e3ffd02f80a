import type { StreamStatus } from "twincast";

/** A stream's states by the names that a person would look for, for controls. */
export const STATUSES = {
  Ready: { kind: "idle" },
  Connecting: { kind: "connecting", attempt: 1 },
  "Connecting, again": { kind: "connecting", attempt: 4 },
  Live: { kind: "live", delayMs: 96 },
  Behind: { kind: "behind", behindMs: 1_240 },
  "Waiting for its device": { kind: "no-media" },
  Reconnecting: { kind: "reconnecting", attempt: 3, retryAtMs: null, keptMs: 8_200 },
  Offline: { kind: "offline", keptMs: 42_000 },
  Interrupted: { kind: "restarting", attempt: 1 },
  Finishing: { kind: "finishing", leftBytes: 1_240_000, totalBytes: 3_300_000 },
  "All received": { kind: "ended", chunks: 1_204, bytes: 21_400_000, gaps: [], verified: "all" },
  Stopped: { kind: "failed", code: "sink-failed", message: "This stream's sink failed." },
  Absent: { kind: "absent" },
} as const satisfies Record<string, StreamStatus>;

export type StatusName = keyof typeof STATUSES;
