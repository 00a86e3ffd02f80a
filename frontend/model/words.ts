/**
 * Words that more than one part of the page says. What one component says alone stands beside it, in its `…Words.ts`;
 * what the session says stands in `lib/session/`.
 */
import type { Device } from "./device";
import type { CaptureError } from "./permission";
import type { GapReason, QualityLevel, Sending, StreamKind } from "./stream";

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
  "outbox-full": "this device could keep no more",
  "too-far-behind": "skipped to stay live",
  "too-large": "the backend refused it for its size",
  "worker-lost": "the system ended the part of this page that sends it",
};

/** Between "only sound" and "sent". */
export const SENDING_WORDS: Readonly<Record<Sending, string>> = {
  "not-yet": "will be",
  now: "is",
  "no-more": "was",
};

/** Why a device could not be had, in a few words. */
export function missingDevice(device: Device, error: CaptureError | undefined): string {
  switch (error?.kind) {
    case "in-use":
      return `The ${device} is in use by another app`;
    case "denied":
    case "dismissed":
      return `The ${device} is off for this page`;
    case "blocked-by-system":
      return `The system blocks the ${device}`;
    case "blocked-by-frame":
      return `The page around this one holds back the ${device}`;
    case "failed":
      return `The ${device} did not start`;
    case undefined:
    case "no-device":
    case "insecure-address":
    case "unsupported-browser":
    case "in-app-browser":
      return `No ${device}`;
  }
}
