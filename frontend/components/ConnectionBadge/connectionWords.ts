import { failureWords } from "@/model/failures";
import type { StreamEnd, StreamKind, StreamStatus } from "@/model/stream";
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
        detail: status.attempt > 1 ? `Try\u00a0${status.attempt}` : "Calling the backend",
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
        label: `Behind ${formatSeconds(status.behindMs)}`,
        detail: "Sending what is kept",
        tone: "warn",
        Glyph: ClockIcon,
      };
    case "no-media":
      return {
        label: "Waiting",
        detail: `The ${stream === "video" ? "camera" : "microphone"} gives nothing`,
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
        detail: `Keeping ${formatSeconds(status.keptMs)} on this device`,
        tone: "warn",
        Glyph: OfflineIcon,
      };
    case "restarting":
      return {
        label: "Interrupted",
        detail: status.attempt > 1 ? `Starting again, try\u00a0${status.attempt}` : "Starting again",
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
        detail: failureWords(status.code).what,
        technical: status.message || status.code,
        tone: "problem",
        Glyph: AlertIcon,
      };
    case "discarded":
      return { label: "Stopped", detail: "The rest was discarded.", tone: "problem", Glyph: AlertIcon };
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
      detail: "The backend has other bytes",
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
        detail: `${formatBytes(bytes)}, partly verified`,
        tone: "neutral",
        Glyph: CheckIcon,
      };
}

/** @param leftS whole seconds until the next try; 0 where it is under way. */
export function retryWords(attempt: number, leftS: number, keptMs: number): string {
  const when = leftS === 0 ? "now" : `in ${leftS}\u00a0s`;
  const keeping = keptMs > 0 ? `, keeping ${formatSeconds(keptMs)}` : "";
  return `Try\u00a0${attempt} ${when}${keeping}`;
}
