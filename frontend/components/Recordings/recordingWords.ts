import type { RecordingState, TimelineMark } from "twincast/watch";
import { STREAM_NAMES } from "@/components/shared/words";
import { formatSeconds } from "../shared/format";

export type RecordingTone = "calm" | "good" | "warn" | "problem";

export function recordingState(
  state: RecordingState,
  verified: boolean | null,
): { label: string; tone: RecordingTone } {
  switch (state) {
    case "recording":
      return { label: "Recording now", tone: "good" };
    case "cut":
      return { label: "Cut off", tone: "warn" };
    case "ended":
      return verified ? { label: "Verified", tone: "good" } : { label: "Not verified", tone: "warn" };
  }
}

/** What is missing, for people who do not see the timeline. */
export function spellTimeline(marks: readonly TimelineMark[]): string {
  if (marks.length === 0) return "Nothing is missing";
  return marks
    .map(({ kind, stream, fromMs, toMs }) => {
      const what = kind === "gap" ? "missing" : "muted";
      return `${STREAM_NAMES[stream]} ${what} for ${formatSeconds(toMs - fromMs)} at ${formatSeconds(fromMs)}`;
    })
    .join(", ");
}
