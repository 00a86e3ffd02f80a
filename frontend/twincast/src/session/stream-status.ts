/**
 * What the screens say of one stream, derived from what its sender reports. Pure.
 */

import { NO_REDUCTION, type Reduction } from "../adaptation";
import type { Quality, StreamStatus } from "../model/stream";
import type { SenderStatus } from "../transport";

/** Waiting longer than this for an acknowledgement, beyond what it takes on this path, is "behind". */
const BEHIND_MS = 1_000;

/**
 * A stream is live for so long after its last acknowledgement, ms. Together with the quarter of a second after which an
 * acknowledgement is reported, and the 2 s after which a silent worker is doubted, less than 5 s: the figure that
 * schedules.test.ts holds.
 */
const LIVE_MS = 2_500;

/** @param sinceAckMs since the backend acknowledged the last chunk. */
export function streamStatus(sender: SenderStatus, sinceAckMs = 0): StreamStatus {
  const { delivery, keptMs, keptBytes } = sender;
  switch (delivery.kind) {
    case "ended": {
      const states = delivery.result.ranges.map(({ state }) => state);
      const { chunks, bytes, gaps } = sender;
      const verified = states.includes("mismatch") ? "mismatch" : delivery.result.verified ? "all" : "partly";
      return { kind: "ended", chunks, bytes, gaps, verified };
    }
    case "abandoned":
      return { kind: "discarded", leftBytes: keptBytes };
    case "failed":
      return delivery;
    case "offline":
      return { kind: "offline", keptMs };
    case "connecting":
      return delivery;
    case "reconnecting":
      return { ...delivery, keptMs };
    case "live":
      if (sender.finishing)
        return { kind: "finishing", leftBytes: keptBytes, totalBytes: keptBytes + sender.bytes };
      if (overdueMs(sender) > BEHIND_MS || (sinceAckMs > LIVE_MS && sender.keptChunks > 0)) {
        return { kind: "behind", behindMs: sender.behindMs };
      }
      // A connection that is open proves nothing yet.
      if (sender.chunks === 0) return { kind: "connecting", attempt: 0 };
      if (sinceAckMs > LIVE_MS) return { kind: "no-media" };
      return { kind: "live", delayMs: sender.delays?.medianMs ?? null };
  }
}

/** Round trips that a person begins to notice, and that make a recovery slow. */
const GOOD_RTT_MS = 150;
const POOR_RTT_MS = 400;

const REDUCED: Record<Reduction["kind"], Quality | null> = {
  none: null,
  "fewer-frames": { level: "good", cause: { kind: "fewer-frames" } },
  "smaller-picture": { level: "poor", cause: { kind: "smaller-picture" } },
};

/** On a long path even the quickest acknowledgement takes its time. */
const overdueMs = ({ behindMs, path }: SenderStatus) => behindMs - path.wayMs;

/**
 * How well the path carries the stream, judged by the worst that was measured.
 * @param reduction what of the picture is less than asked for.
 */
export function streamQuality(sender: SenderStatus, reduction = NO_REDUCTION): Quality {
  const { delivery, behindMs, rttMs } = sender;
  switch (delivery.kind) {
    case "connecting":
    case "reconnecting":
      // Nothing was lost before the first try has failed.
      if (delivery.kind === "connecting" && delivery.attempt === 0) {
        return { level: "good", cause: { kind: "measuring" } };
      }
      return { level: "lost", cause: { kind: "no-connection", keptMs: sender.keptMs } };
    case "offline":
      return { level: "lost", cause: { kind: "offline" } };
    case "failed":
      return { level: "lost", cause: { kind: "failed", code: delivery.code, message: delivery.message } };
    case "abandoned":
    case "ended":
    case "live":
      break;
  }
  const lateMs = overdueMs(sender);
  const reduced = REDUCED[reduction.kind];
  if (lateMs > 3 * BEHIND_MS) return { level: "poor", cause: { kind: "behind", behindMs } };
  if (reduced) return reduced;
  if (lateMs > BEHIND_MS) return { level: "good", cause: { kind: "behind", behindMs } };
  if (rttMs === null) return { level: "good", cause: { kind: "measuring" } };
  const cause = { kind: "round-trip", ms: Math.round(rttMs) } as const;
  if (rttMs > POOR_RTT_MS) return { level: "poor", cause };
  return { level: rttMs > GOOD_RTT_MS ? "good" : "excellent", cause };
}
