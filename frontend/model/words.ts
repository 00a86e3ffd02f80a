/**
 * Words that more than one part of the page says. What one component says alone stands beside it, in its `…Words.ts`;
 * what the session says stands in `lib/session/`.
 */
import type { GapReason, QualityLevel, StreamKind } from "./stream";

/** A stream by its name, at the start of a sentence. */
export const STREAM_NAMES: Readonly<Record<StreamKind, string>> = { video: "Video", audio: "Audio" };

export const QUALITY_NAMES: Readonly<Record<QualityLevel, string>> = {
  excellent: "Excellent",
  good: "Good",
  poor: "Poor",
  lost: "Lost",
};

/** Why media is missing, after a colon. */
export const GAP_REASONS: Readonly<Record<GapReason, string>> = {
  "outbox-full": "this phone could keep no more",
  "too-far-behind": "skipped to stay live",
  "too-large": "the backend refused it for its size",
  "worker-lost": "the system ended the part of this page that sends it",
};
