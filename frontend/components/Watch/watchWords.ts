import type { StripMarkKind, WatchAccess, WatchedStatus, WatchFailure } from "twincast/watch";

export type Tone = "calm" | "good" | "warn" | "problem";

export interface StatusWords {
  readonly label: string;
  /** What it means, where the label does not say it. */
  readonly detail?: string;
  readonly tone: Tone;
}

export function statusWords(status: WatchedStatus): StatusWords {
  switch (status.kind) {
    case "connecting":
      return { label: "Connecting", tone: "calm" };
    case "joining":
      return { label: "Waiting for a picture to begin with", tone: "calm" };
    case "live":
      return { label: "Live", tone: "good" };
    case "skipped":
      return {
        label: "Skipped ahead",
        detail: "This computer or its network was too slow, so the oldest was left out.",
        tone: "warn",
      };
    case "resting":
      return { label: "Resting", detail: "It goes on when this tab is in front.", tone: "calm" };
    case "gone":
      return {
        label: "The phone is away",
        detail: "It has no connection. What it records now comes later.",
        tone: "warn",
      };
    case "reconnecting":
      return { label: "Reconnecting", detail: "The backend cannot be reached from here.", tone: "warn" };
    case "ended":
      return status.verified
        ? { label: "Ended, verified", tone: "good" }
        : {
            label: "Ended, not verified",
            detail: "Not all of it could be compared with the phone's.",
            tone: "calm",
          };
    case "failed":
      return { label: "Cannot be shown", detail: FAILURES[status.code], tone: "problem" };
  }
}

const FAILURES: Readonly<Record<WatchFailure, string>> = {
  "no-decoder": "This browser cannot decode it. Try an up-to-date Chrome, Edge or Safari.",
  unreadable: "What the phone sends cannot be read.",
  "not-allowed": "The backend does not let this page watch any more. Load the page again.",
  "unknown-stream": "The backend does not know this stream any more.",
  refused: "The backend refused it. Load the page again.",
};

/** Sound has no picture to wait for. */
export function soundStatusWords(status: WatchedStatus): StatusWords {
  return status.kind === "joining" ? { label: "Waiting for sound", tone: "calm" } : statusWords(status);
}

export const MARK_NAMES: Readonly<Record<StripMarkKind, string>> = {
  gap: "Gap: will never come",
  muted: "Muted",
  cut: "No connection",
  skipped: "Skipped here",
};

const MARKS_SPOKEN: Readonly<Record<StripMarkKind, [one: string, many: string]>> = {
  gap: ["1 gap", "gaps"],
  muted: ["muted once", "times muted"],
  cut: ["1 cut", "cuts"],
  skipped: ["skipped once", "times skipped"],
};

/** The strip for people who do not see it. */
export function spellMarks(of: string, kinds: readonly StripMarkKind[]): string {
  const said = (Object.keys(MARKS_SPOKEN) as StripMarkKind[]).flatMap((kind) => {
    const count = kinds.filter((one) => one === kind).length;
    const [one, many] = MARKS_SPOKEN[kind];
    return count === 0 ? [] : [count === 1 ? one : `${count} ${many}`];
  });
  return `${of}, last minute: ${said.length ? said.join(", ") : "nothing missing"}`;
}

export interface AccessWords {
  readonly title: string;
  readonly lines: readonly string[];
  readonly canRetry: boolean;
}

/** @param pageOrigin scheme and host of this page. */
export function accessWords(access: Exclude<WatchAccess, { kind: "open" }>, pageOrigin: string): AccessWords {
  switch (access.kind) {
    case "looking":
      return { title: "Looking for streams", lines: [], canRetry: false };
    case "unsupported-browser":
      return {
        title: "This browser cannot show live streams",
        lines: [
          `It has no ${access.missing}. Open this page in an up-to-date Chrome, Edge, Safari or Firefox.`,
        ],
        canRetry: false,
      };
    case "switched-off":
      return {
        title: "Watching is switched off",
        lines: ["Whoever runs the backend can switch it on with WATCH=1."],
        canRetry: true,
      };
    case "not-allowed":
      return {
        title: access.wasRefused ? "That does not open it" : "Watching takes a key",
        lines: [
          access.wasRefused
            ? "The backend refused it: it is wrong, or it holds no more."
            : "Open the link that npm start prints, or give the watch key or a token for watching.",
          "It is sent to the backend alone, and not kept.",
        ],
        canRetry: false,
      };
    case "silent":
      return {
        title: "The backend does not answer",
        lines: [
          "This page goes on trying. Is the backend running, and is this computer online?",
          `Whoever runs the backend may have to add ${pageOrigin} to ALLOWED_ORIGINS.`,
        ],
        canRetry: true,
      };
  }
}
