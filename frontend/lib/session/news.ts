/**
 * What is worth telling a person when a stream's state changes: a toast and a sentence for screen readers. Pure.
 */

import type { Device } from "../capture/devices/permission-errors";
import type { Gap } from "../protocol/messages";
import type { SessionPhase } from "./session";
import type { DeviceState } from "./session-devices";
import type { StreamStatus } from "./stream-status";

export interface News {
  readonly tone: "info" | "good" | "warning" | "problem";
  readonly title: string;
  readonly detail?: string;
  /** `alert` only where media is at risk. */
  readonly urgency: "status" | "alert";
  /** Whose news it is; the title begins with its name. */
  readonly stream?: StreamKind;
}

/** What a screen reader says. */
export type Announcement = Pick<News, "urgency"> & { readonly message: string };

type StreamKind = "video" | "audio";

const NAME: Record<StreamKind, string> = { video: "Video", audio: "Audio" };

export function statusNews(stream: StreamKind, before: StreamStatus, after: StreamStatus): News | null {
  const news = before.kind === after.kind ? null : changeNews(stream, before, after);
  return news && { ...news, stream };
}

/** @returns both as one, where the two streams have the same to tell; else null. */
export function mergeNews(first: News, second: News): News | null {
  const { stream: one, ...rest } = first;
  if (!one || !second.stream || one === second.stream) return null;
  const what = first.title.slice(NAME[one].length);
  const isSame = what === second.title.slice(NAME[second.stream].length) && first.detail === second.detail;
  return isSame ? { ...rest, title: `Video and audio${what}` } : null;
}

function changeNews(stream: StreamKind, before: StreamStatus, after: StreamStatus): News | null {
  const name = NAME[stream];
  switch (after.kind) {
    case "reconnecting":
    case "offline":
      // From one to the other is the same news.
      if (before.kind === "reconnecting" || before.kind === "offline") return null;
      return {
        tone: "warning",
        title: `${name}: connection lost`,
        detail:
          "Keep recording. What is recorded now is kept on this phone and sent when the connection is back.",
        urgency: "alert",
      };
    case "live":
      if (before.kind === "connecting") return null;
      if (before.kind === "behind") return { tone: "good", title: `${name}: caught up`, urgency: "status" };
      return { tone: "good", title: `${name}: live again`, urgency: "status" };
    case "restarting":
      return {
        tone: "warning",
        title: `${name}: interrupted`,
        detail: "The system ended the part of this page that sends it. It starts again by itself.",
        urgency: "alert",
      };
    case "failed":
      return {
        tone: "problem",
        title: `${name}: stopped, ${after.code}`,
        detail: after.message || "The backend refused this stream.",
        urgency: "alert",
      };
    case "idle":
    case "absent":
    case "connecting":
    case "behind":
    case "finishing":
    case "ended":
    case "discarded":
      return null;
  }
}

const WHY: Record<Gap["reason"], string> = {
  "outbox-full": "the connection was gone for longer than this phone can keep",
  "too-far-behind": "the connection is too slow to catch up",
  "too-large": "the backend refused it for its size",
  "worker-lost": "the system ended the part of this page that sends it",
};

/** The gap's figures are the backend's: both tell the same seqs and the same length. */
export function gapNews(stream: StreamKind, gap: Gap): News {
  return {
    tone: "problem",
    title: `${NAME[stream]}: ${(gap.ms / 1_000).toFixed(1)} s are missing`,
    detail: `Chunks ${gap.from} to ${gap.to}: ${WHY[gap.reason]}.`,
    urgency: "alert",
  };
}

type Cause = Extract<DeviceState, { kind: "interrupted" }>["cause"];

const INTERRUPTED: Record<Cause, string> = {
  call: "A call or another app has the sound.",
  taken: "Another app has the camera.",
  hidden: "The page was out of sight.",
  "device-lost": "It was unplugged, or its permission was taken back.",
  "no-frames": "It gives no picture.",
  "no-audio": "It gives no sound.",
};

/** What happened to the camera or the microphone while a session runs. */
export function deviceNews(device: Device, before: DeviceState, after: DeviceState): News | null {
  if (before.kind === after.kind) return null;
  const name = device === "camera" ? "Camera" : "Microphone";
  switch (after.kind) {
    case "interrupted":
      return {
        tone: "warning",
        title: `${name} interrupted`,
        detail: `${INTERRUPTED[after.cause]} ${after.needsTap ? "Tap Resume to go on." : "It comes back by itself."}`,
        urgency: "alert",
      };
    case "silent":
      return {
        tone: "warning",
        title: "We hear nothing",
        detail: "The microphone is on but silent. Is it covered, or switched off on the headset?",
        urgency: "alert",
      };
    case "live":
      return before.kind === "returning" || before.kind === "interrupted"
        ? { tone: "good", title: `${name} is back`, urgency: "status" }
        : null;
    case "returning":
    case "flipping":
    case "missing":
      return null;
  }
}

/** A phase in one sentence; null where the screen's own heading says it. */
export function phaseSentence(phase: SessionPhase, streams: readonly StreamStatus[]): string | null {
  switch (phase.kind) {
    case "permission":
    case "starting":
      return null;
    case "ready":
      return "Camera and microphone are ready. Nothing is sent yet.";
    case "live":
      return "Streaming has started.";
    case "finishing":
      return "Stopped. Sending what is left. Keep this page open.";
    case "ended": {
      const isWhole = (stream: StreamStatus) =>
        stream.kind === "absent" ||
        (stream.kind === "ended" && stream.verified !== "mismatch" && stream.gaps.length === 0);
      return streams.every(isWhole)
        ? "The session has ended. Everything arrived."
        : "The session has ended. Something is missing; the summary says what.";
    }
  }
}
