/** One kind of media in a session; a stream has its own socket, outbox and badge. */
export type StreamKind = "video" | "audio";

/** Chunks that will never come: `from` to `to` (both included), `ms` milliseconds between the media around them. */
export interface Gap {
  /** The seq of the first chunk that is missing. */
  readonly from: number;
  /** The seq of the last one. */
  readonly to: number;
  /** From the media before it to the media after it, ms. */
  readonly ms: number;
  /** Why it will never come. */
  readonly reason: GapReason;
}

/** Why media will never come; the names are those of the wire. */
export type GapReason = "outbox-full" | "too-far-behind" | "too-large" | "worker-lost";

/**
 * Where a stream's unacknowledged media lie. `idle`: in memory, for all is well; `writing`: in files that outlive the page.
 * `none`: in memory, for the browser gives no files; `full`: the same for what found no room. `opening`: not known yet.
 */
export type StorageState = "opening" | "none" | "idle" | "writing" | "full";

/** Whether media leaves the page: a session has not begun to send, sends, or records nothing any more. */
export type Sending = "not-yet" | "now" | "no-more";

/** What the backend has of one stream, as acknowledged by it. */
export type StreamStatus =
  | { readonly kind: "idle" }
  /** Nothing was acknowledged yet. `refusal`: what the backend said when it took the stream not yet. */
  | { readonly kind: "connecting"; readonly attempt: number; readonly refusal?: string }
  | { readonly kind: "live"; readonly delayMs: number | null }
  | { readonly kind: "behind"; readonly behindMs: number }
  /** Connected, and the device gives nothing to send. */
  | { readonly kind: "no-media" }
  | {
      readonly kind: "reconnecting";
      readonly attempt: number;
      readonly retryAtMs: number | null;
      readonly keptMs: number;
      readonly refusal?: string;
    }
  | { readonly kind: "offline"; readonly keptMs: number }
  /** The system ended the stream's worker; another one takes its place. */
  | { readonly kind: "restarting"; readonly attempt: number }
  | { readonly kind: "finishing"; readonly leftBytes: number; readonly totalBytes: number }
  | StreamOutcome;

/** How a stream came to its end. */
export type StreamOutcome =
  | StreamEnd
  /** `leftBytes`: nothing is recorded any more, and so much of what was is still on its way. */
  | {
      readonly kind: "failed";
      readonly code: string;
      readonly message: string;
      readonly leftBytes?: number;
    }
  /** The person gave up what was not acknowledged yet. */
  | { readonly kind: "discarded"; readonly leftBytes: number }
  /** No such device: the stream is not part of the session. */
  | { readonly kind: "absent" };

/** Tells an end from a state that may pass. @returns how the stream came to its end; null while what is recorded now can reach the backend by it. */
export function outcomeOf(status: StreamStatus): StreamOutcome | null {
  switch (status.kind) {
    case "ended":
    case "failed":
    case "discarded":
    case "absent":
      return status;
    case "idle":
    case "connecting":
    case "live":
    case "behind":
    case "no-media":
    case "reconnecting":
    case "offline":
    case "restarting":
    case "finishing":
      return null;
  }
}

/** The backend's last word on a stream: how much it has, what is missing, and whether the hashes agree. */
export interface StreamEnd {
  /** Tells it from the other outcomes. */
  readonly kind: "ended";
  /** How many chunks were acknowledged. */
  readonly chunks: number;
  /** How much media was acknowledged, bytes. */
  readonly bytes: number;
  /** What will never come, in its order; empty where nothing is missing. */
  readonly gaps: readonly Gap[];
  /** `partly`: what an earlier backend process took cannot be compared any more. */
  readonly verified: "all" | "partly" | "mismatch";
}

/** From the best to none. */
export type QualityLevel = "excellent" | "good" | "poor" | "lost";

/** How well the path carries a stream. */
export interface Quality {
  /** What the figures come to. */
  readonly level: QualityLevel;
  /** The figure that it is judged by. */
  readonly cause: QualityCause;
}

/** The worst that was measured. */
export type QualityCause =
  | { readonly kind: "no-connection"; readonly keptMs: number }
  /** The device itself has no network. */
  | { readonly kind: "offline" }
  /** See the stream's status. */
  | { readonly kind: "failed"; readonly code: string; readonly message: string }
  /** Acknowledgements are late: the path carries less than is sent. */
  | { readonly kind: "behind"; readonly behindMs: number }
  /** The path carries less than the picture needs, so it is made smaller, or less often. */
  | { readonly kind: "fewer-frames" | "smaller-picture" }
  | { readonly kind: "round-trip"; readonly ms: number }
  /** Nothing was measured yet. */
  | { readonly kind: "measuring" };

/** What encodes; the names are those of the wire's `segment` message. */
export type EncoderName = "media-recorder" | "webcodecs";
