import type { StreamEnd, StreamKind, StreamStatus } from "twincast";
import { failureWords } from "@/components/shared/failures";
import { AlertIcon, CheckIcon, ClockIcon, type IconComponent, OfflineIcon, UploadIcon } from "../icons";
import { formatBytes, formatCount, formatDelay, formatPercent, formatSeconds } from "../shared/format";
import { IdleGlyph, LiveGlyph, SpinnerGlyph } from "./glyphs";

type Tone = "neutral" | "good" | "warn" | "problem";

/** A status in words: a state of one or two words, and the figure that proves it. Never by colour alone. */
export type ConnectionWords = {
  label: string;
  detail: string;
  /** For a developer. */
  technical?: string;
  tone: Tone;
  Glyph: IconComponent;
};

export function connectionWords(stream: StreamKind, status: StreamStatus): ConnectionWords {
  switch (status.kind) {
    case "idle":
      return { label: "Ready", detail: "Nothing is sent yet", tone: "neutral", Glyph: IdleGlyph };
    case "connecting":
      return {
        label: "Connecting",
        detail: status.attempt > 1 ? "Trying again" : "Calling the backend",
        tone: "neutral",
        Glyph: SpinnerGlyph,
      };
    case "live":
      return {
        label: "Live",
        detail: status.delayMs === null ? "Measuring delay" : `${formatDelay(status.delayMs)} delay`,
        tone: "good",
        Glyph: LiveGlyph,
      };
    case "behind":
      return {
        label: "Behind",
        detail: `${formatSeconds(status.behindMs)}, catching up`,
        tone: "warn",
        Glyph: ClockIcon,
      };
    case "no-media":
      return {
        label: "Waiting",
        detail: stream === "video" ? "No picture comes" : "No sound comes",
        tone: "warn",
        Glyph: ClockIcon,
      };
    case "reconnecting":
      return {
        label: "Reconnecting",
        detail: status.keptMs > 0 ? `Keeping ${formatSeconds(status.keptMs)}` : "Trying again",
        tone: "warn",
        Glyph: SpinnerGlyph,
      };
    case "offline":
      return {
        label: "Offline",
        detail: `Keeping ${formatSeconds(status.keptMs)}`,
        tone: "warn",
        Glyph: OfflineIcon,
      };
    case "restarting":
      return {
        label: "Interrupted",
        detail: "Starting again",
        tone: "warn",
        Glyph: SpinnerGlyph,
      };
    case "finishing":
      return {
        label: "Finishing",
        detail: `${formatPercent(status.totalBytes - status.leftBytes, status.totalBytes)}, ${formatBytes(status.leftBytes)} left`,
        tone: "neutral",
        Glyph: UploadIcon,
      };
    case "ended":
      return describeEnd(status);
    case "failed":
      return {
        label: "Stopped",
        detail: failureWords(status.code).brief,
        technical: status.message || status.code,
        tone: "problem",
        Glyph: AlertIcon,
      };
    case "discarded":
      return { label: "Stopped", detail: "Rest discarded", tone: "problem", Glyph: AlertIcon };
    case "absent":
      return {
        label: stream === "video" ? "No camera" : "No microphone",
        detail: "Not in this session",
        tone: "neutral",
        Glyph: IdleGlyph,
      };
  }
}

function describeEnd({ verified, gaps, bytes }: StreamEnd): ConnectionWords {
  if (verified === "mismatch")
    return {
      label: "Does not match",
      detail: "Other bytes arrived",
      tone: "problem",
      Glyph: AlertIcon,
    };
  if (gaps.length > 0) {
    const missingMs = gaps.reduce((sum, gap) => sum + gap.ms, 0);
    return {
      label: formatCount(gaps.length, "gap"),
      detail: `${formatSeconds(missingMs)} missing`,
      tone: "warn",
      Glyph: AlertIcon,
    };
  }
  return verified === "all"
    ? { label: "All received", detail: `${formatBytes(bytes)}, verified`, tone: "good", Glyph: CheckIcon }
    : {
        label: "Received",
        detail: "Partly verified",
        tone: "neutral",
        Glyph: CheckIcon,
      };
}
