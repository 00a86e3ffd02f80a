/**
 * What the page tells a person when something changes, and in which words: a toast and a sentence for screen readers.
 * Pure.
 */
import type {
  CaptureError,
  Device,
  Gap,
  InputState,
  Missing,
  SessionEvent,
  SessionPhase,
  StreamKind,
  StreamStatus,
} from "twincast";
import { failureWords } from "@/components/shared/failures";
import type { Notification } from "@/components/shared/notification";
import { GAP_REASONS, STREAM_NAMES } from "@/components/shared/words";

/** What happened to a stream, if it is worth telling. */
export function statusNotification(
  stream: StreamKind,
  before: StreamStatus,
  after: StreamStatus,
): Notification | null {
  const notification = before.kind === after.kind ? null : changeNotification(stream, before, after);
  return notification && { ...notification, stream };
}

/** @returns both as one, where the two streams have the same to tell; else null. */
export function mergeNotifications(first: Notification, second: Notification): Notification | null {
  const { stream: one, ...rest } = first;
  if (!one || !second.stream || one === second.stream || first.subject) return null;
  const what = first.title.slice(STREAM_NAMES[one].length);
  const isSame =
    what === second.title.slice(STREAM_NAMES[second.stream].length) && first.detail === second.detail;
  return isSame ? { ...rest, title: `Video and audio${what}` } : null;
}

function changeNotification(
  stream: StreamKind,
  before: StreamStatus,
  after: StreamStatus,
): Notification | null {
  const name = STREAM_NAMES[stream];
  switch (after.kind) {
    case "reconnecting":
    case "offline":
      // From one to the other tells nothing new, and what never was is not lost.
      if (before.kind === "reconnecting" || before.kind === "offline" || before.kind === "connecting")
        return null;
      return {
        tone: "warning",
        title: `${name}: connection lost`,
        detail:
          "Keep recording. What is recorded now is kept on this device and sent when the connection is back.",
        urgency: "alert",
      };
    case "live":
      if (before.kind === "connecting" || before.kind === "no-media" || before.kind === "idle") return null;
      if (before.kind === "behind") return { tone: "good", title: `${name}: caught up`, urgency: "status" };
      return { tone: "good", title: `${name}: live again`, urgency: "status" };
    case "restarting":
      return {
        tone: "warning",
        title: `${name}: interrupted`,
        detail: "The system ended the part of this page that sends it. It starts again by itself.",
        urgency: "alert",
      };
    case "failed": {
      const { what, advice } = failureWords(after.code);
      return { tone: "problem", title: `${name}: stopped`, detail: `${what} ${advice}`, urgency: "alert" };
    }
    case "idle":
    case "absent":
    case "connecting":
    case "behind":
    case "no-media":
    case "finishing":
    case "ended":
    case "discarded":
      return null;
  }
}

/** The path carries less than the picture needs; told once for as long as it stays so. */
export const SMALLER_PICTURE: Notification = {
  tone: "warning",
  title: "Sending a smaller picture: slow connection",
  detail: "Nothing is lost. The picture grows again by itself when the connection carries more.",
  urgency: "status",
};

/**
 * The gap's figures are the backend's: both tell the same seqs and the same length. All gaps of a stream are one
 * notification.
 *
 * @param missing this gap included
 */
export function gapNotification(
  stream: StreamKind,
  gap: Gap,
  missing: Missing = { gaps: 1, ms: gap.ms },
): Notification {
  const inGaps = missing.gaps > 1 ? ` in ${missing.gaps} gaps` : "";
  const last = missing.gaps > 1 ? "Last: chunks" : "Chunks";
  return {
    tone: "problem",
    title: `${STREAM_NAMES[stream]}: ${(missing.ms / 1_000).toFixed(1)} s are missing${inGaps}`,
    detail: `${last} ${gap.from} to ${gap.to}: ${GAP_REASONS[gap.reason]}.`,
    urgency: "alert",
    stream,
    subject: "gaps",
  };
}

/** More would be a wall that nobody reads. */
const MOST_AT_ONCE = 4;

export interface Told extends Notification {
  readonly id: string;
}

/** @returns the list with the newest at its end: what is out of date gives way, and so does the oldest. */
export function withNewest(list: readonly Told[], newest: Told): readonly Told[] {
  const isAbout = ({ stream, subject, title }: Told) =>
    stream === newest.stream && (subject ?? title) === (newest.subject ?? newest.title);
  return [...list.filter((one) => !isAbout(one)), newest].slice(-MOST_AT_ONCE);
}

/** For a screen reader: with a stop between title and detail. */
export function spoken({ title, detail }: Notification): string {
  return detail ? `${title}. ${detail}` : `${title}.`;
}

type Cause = Extract<InputState, { kind: "interrupted" }>["cause"];

const INTERRUPTED: Record<Cause, string> = {
  call: "A call or another app has the sound.",
  taken: "Another app has the camera.",
  hidden: "The page was out of sight.",
  "device-lost": "It was unplugged, or the system ended it.",
  asking: "Your browser asks for it, and waits for your answer.",
  refused: "Its permission was taken back.",
  "no-frames": "It gives no picture.",
  "no-audio": "It gives no sound.",
};

/** What happened to the camera or the microphone while a session runs. */
export function deviceNotification(
  device: Device,
  before: InputState,
  after: InputState,
): Notification | null {
  if (before.kind === after.kind) return null;
  const name = device === "camera" ? "Camera" : "Microphone";
  switch (after.kind) {
    case "interrupted":
      return {
        tone: "warning",
        title: `${name} interrupted`,
        detail: `${after.error?.kind === "in-use" ? "Another app has it." : INTERRUPTED[after.cause]} ${after.needsTap ? "Tap Resume to go on." : "It comes back by itself."}`,
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

/** Another camera or microphone was asked for, and the former one goes on. */
export function keptNotification(device: Device, error: CaptureError): Notification {
  const name = device === "camera" ? "camera" : "microphone";
  const why =
    error.kind === "in-use" ? `Another app has the other ${name}.` : `The other ${name} did not start.`;
  return {
    tone: "warning",
    title: `${name === "camera" ? "Camera" : "Microphone"} not switched`,
    detail: `${why} This one goes on.`,
    urgency: "alert",
  };
}

/** A phase in one sentence; null where the screen's own heading says it. */
export function phaseSentence(phase: SessionPhase, streams: readonly StreamStatus[]): string | null {
  switch (phase.kind) {
    case "permission":
    case "starting":
      return null;
    case "ready":
      return `${readyDevices(streams)} Nothing is sent yet.`;
    case "live":
      // Said when the backend has acknowledged something: `STARTED_SENTENCE`.
      return null;
    case "finishing":
      return "Stopped. Sending what is left. Keep this page open.";
    case "ended": {
      const isWhole = (stream: StreamStatus) =>
        stream.kind === "absent" ||
        (stream.kind === "ended" && stream.verified !== "mismatch" && stream.gaps.length === 0);
      const isNothing = (stream: StreamStatus) =>
        stream.kind === "absent" ||
        (stream.kind === "ended" && stream.chunks === 0 && stream.gaps.length === 0);
      if (streams.every(isNothing)) return "The session has ended. Nothing was sent.";
      if (streams.every(isWhole)) return "The session has ended. Everything arrived.";
      const failed = streams.find((stream) => stream.kind === "failed");
      if (failed?.kind === "failed" && streams.every(({ kind }) => kind === "failed" || kind === "absent")) {
        return `The session was stopped. ${failureWords(failed.code).what}`;
      }
      return "The session has ended. Something is missing; the summary says what.";
    }
  }
}

/** The backend has acknowledged the first of the session. */
export const STARTED_SENTENCE = "Streaming has started.";

function readyDevices([video, audio]: readonly StreamStatus[]): string {
  if (video?.kind === "absent") return "The microphone is ready.";
  return audio?.kind === "absent" ? "The camera is ready." : "Camera and microphone are ready.";
}

/** The page's server gave out no tokens. @param detail why not, in a sentence. */
export function refusedNotification(detail: string): Notification {
  return { tone: "problem", title: "Streaming is not permitted", detail, urgency: "alert" };
}

/** @returns what to tell of an event, if it is worth telling; null for what is said and not shown as well. */
export function eventNotification(event: SessionEvent): Notification | null {
  switch (event.kind) {
    case "stream-changed":
      return statusNotification(event.stream, event.before, event.after);
    case "gap":
      return gapNotification(event.stream, event.gap, event.missing);
    case "smaller-picture":
      return SMALLER_PICTURE;
    case "device-changed":
      return deviceNotification(event.device, event.before, event.after);
    case "device-kept":
      return keptNotification(event.device, event.error);
    case "not-permitted":
      return refusedNotification(event.message);
    case "first-acknowledged":
    case "over":
      return null;
  }
}

/** The person asked for this page's address, to open it elsewhere. */
export function linkNotification(isCopied: boolean): Notification {
  return isCopied
    ? { tone: "good", title: "Link copied", urgency: "status" }
    : { tone: "info", title: "Copy the address from the address bar", urgency: "status" };
}
