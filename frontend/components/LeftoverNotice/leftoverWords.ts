import { type Leftover, type LeftoverStream, outcomeOf, type StreamOutcome } from "twincast";
import type { StreamResult } from "../SessionSummary";
import { verdictOf } from "../SessionSummary/summaryWords";
import { formatSeconds } from "../shared/format";

export type LeftoverWords = {
  title: string;
  lines: string[];
  /** What the button says; null where there is nothing to do. */
  action: string | null;
};

type Found = Extract<Leftover, { kind: "sending" | "over" }>;

export function leftoverWords(leftover: Exclude<Leftover, { kind: "none" }>): LeftoverWords {
  switch (leftover.kind) {
    case "elsewhere":
      return {
        title: "Streaming in another tab",
        lines: ["Another tab or window of this browser has a session. Here you would start one beside it."],
        action: null,
      };
    case "sending": {
      if (leftover.streams.every(({ foundMs }) => foundMs === 0))
        return {
          title: `The session from ${timeOfDay(leftover.startedAt)} was cut off`,
          lines: [
            "What it recorded was sent. The backend is asked to compare it.",
            "What was recorded in the last second before the page was closed may be missing.",
          ],
          action: "Discard",
        };
      return {
        title: `${foundMedia(leftover)} from ${timeOfDay(leftover.startedAt)} ${isOne(leftover) ? "is" : "are"} on this device`,
        lines: [
          progress(leftover.streams),
          "The page was closed before the backend had them. What was recorded in the last second before that may be missing.",
        ],
        action: "Discard",
      };
    }
    case "over": {
      const { title, lead } = verdictOf(results(leftover));
      return {
        title: `From ${timeOfDay(leftover.startedAt)}: ${lowerFirst(title)}`,
        lines: [lead],
        action: leftover.streams.some(({ status }) => status.kind === "failed") ? "Discard" : "Done",
      };
    }
  }
}

/** Both streams of a session, as its summary shows them. */
export function results({ streams }: Found): StreamResult[] {
  const kinds = ["video", "audio"] as const;
  return kinds.map((stream) => {
    const status = streams.find((one) => one.stream === stream)?.status;
    const outcome: StreamOutcome = (status && outcomeOf(status)) ?? { kind: "absent" };
    return { stream, ...outcome };
  });
}

const WORDS = { video: "video", audio: "sound" } as const;

function foundMedia({ streams }: Found): string {
  const parts = streams.map(({ stream, foundMs }) => `${formatSeconds(foundMs)} of ${WORDS[stream]}`);
  return parts.join(" and ");
}

const isOne = ({ streams }: Found) => streams.length === 1;

function progress(streams: readonly LeftoverStream[]): string {
  const leftMs = Math.max(...streams.map(({ keptMs }) => keptMs));
  const isConnected = streams.some(({ status }) => status.kind === "finishing");
  if (!isConnected) return "Waiting for the connection.";
  return leftMs > 0 ? `Sending, ${formatSeconds(leftMs)} left.` : "Sending.";
}

/** Below its summary: which session that was. */
export function whichSession({ startedAt }: Found): string {
  return `The session from ${timeOfDay(startedAt)}, cut off when its page was closed`;
}

function timeOfDay(ms: number): string {
  return new Date(ms).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
