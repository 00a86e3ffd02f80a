/**
 * Words that more than one part of the page says. What one component says alone stands beside it, in its `…Words.ts`;
 * what happens in a session is told by `app/telling`.
 */
import type { CaptureError, Device, GapReason, Quality, QualityLevel, Sending, StreamKind } from "twincast";

/** A stream by its name, at the start of a sentence. */
export const STREAM_NAMES: Readonly<Record<StreamKind, string>> = { video: "Video", audio: "Audio" };

export const QUALITY_NAMES: Readonly<Record<QualityLevel, string>> = {
  excellent: "Excellent",
  good: "Good",
  poor: "Poor",
  lost: "Lost",
};

/** The measured cause of a quality in a few words. */
export function qualityReason({ level, cause }: Quality): string {
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
  switch (cause.kind) {
    case "no-connection":
      return `no connection, ${seconds(cause.keptMs)} kept on this device`;
    case "offline":
      return "this device is offline";
    case "failed":
      return cause.message || cause.code;
    case "behind":
      return `uplink ${level === "poor" ? "too slow" : "slow"}, ${seconds(cause.behindMs)} behind`;
    case "fewer-frames":
      return "sending fewer pictures a second: slow connection";
    case "smaller-picture":
      return "sending a smaller picture: slow connection";
    case "measuring":
      return "measuring";
    case "round-trip": {
      const roundTrip = `${Math.round(cause.ms)} ms round trip`;
      return level === "poor" ? `slow path, ${roundTrip}` : roundTrip;
    }
  }
}

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
    case "insecure-frame":
    case "unsupported-browser":
    case "in-app-browser":
      return `No ${device}`;
  }
}
