import type { Gap } from "twincast";
import { failureWords } from "@/components/shared/failures";
import { GAP_REASONS } from "@/components/shared/words";
import { formatBytes, formatCount, formatSeconds } from "../shared/format";
import type { StreamResult } from "./types";

export type Verdict = { title: string; lead: string; tone: "good" | "warn" | "problem" };

/** The session in one sentence: the worst of its streams decides. */
export function verdictOf(streams: readonly StreamResult[]): Verdict {
  if (streams.some((one) => one.kind === "ended" && one.verified === "mismatch"))
    return {
      title: "The backend has other bytes",
      lead: "What arrived differs from what was sent. Do not rely on this session.",
      tone: "problem",
    };
  const failed = streams.find((one) => one.kind === "failed");
  if (failed)
    return {
      title: streams.every((one) => one.kind === "failed" || one.kind === "absent")
        ? "The session was stopped"
        : "A stream was stopped",
      lead: `${failureWords(failed.code).what} ${failureWords(failed.code).advice}`,
      tone: "problem",
    };
  if (streams.some((one) => one.kind === "discarded"))
    return { title: "Ended early", lead: "You discarded what was not sent yet.", tone: "warn" };
  if (streams.every(isNothing))
    return {
      title: "Nothing was sent",
      lead: "The session was stopped before anything was recorded.",
      tone: "warn",
    };
  const missingMs = streams.reduce(
    (sum, one) => sum + (one.kind === "ended" ? one.gaps.reduce((ms, gap) => ms + gap.ms, 0) : 0),
    0,
  );
  if (missingMs > 0)
    return {
      title: "Arrived, with gaps",
      lead: `${formatSeconds(missingMs)} could not be kept. Everything else is there.`,
      tone: "warn",
    };
  if (streams.some((one) => one.kind === "ended" && one.verified === "partly"))
    return {
      title: "Everything was received",
      lead: "Something restarted in between, so the backend could compare only a part with what was sent.",
      tone: "good",
    };
  return {
    title: "Everything arrived",
    lead: "The backend compared every byte with what was sent.",
    tone: "good",
  };
}

function isNothing(one: StreamResult): boolean {
  return one.kind === "absent" || (one.kind === "ended" && one.chunks === 0 && one.gaps.length === 0);
}

/** What the backend has of one stream, in one line. */
export function figuresOf(outcome: StreamResult): string {
  switch (outcome.kind) {
    case "ended":
      return `${formatBytes(outcome.bytes)} in ${formatCount(outcome.chunks, "chunk")}, ${VERIFIED[outcome.verified]}`;
    case "failed":
      return "Stopped. The backend keeps what it acknowledged until then.";
    case "discarded":
      return `${formatBytes(outcome.leftBytes)} discarded before they were sent`;
    case "absent":
      return outcome.stream === "video" ? "No camera, so no video" : "No microphone, so no audio";
  }
}

const VERIFIED = {
  all: "verified",
  partly: "partly verified",
  mismatch: "does not match",
} as const;

/** What a developer wants to know of a stream that failed. */
export function technicalOf(outcome: StreamResult): string | null {
  if (outcome.kind !== "failed") return null;
  return outcome.message ? `${outcome.code}: ${outcome.message}` : outcome.code;
}

/** One gap in one line. */
export function gapWords({ ms, reason }: Gap): string {
  return `${formatSeconds(ms)} missing: ${GAP_REASONS[reason]}`;
}
