/** What a person sees of other people's streams. */
import type { StreamKind } from "./stream";

/** What is marked on the strip of the last minute. `cut`: the phone had no connection. */
export type StripMarkKind = "gap" | "muted" | "cut" | "skipped";

/** From 0, a minute ago, to 1, now. */
export interface StripMark {
  /** What it marks. */
  readonly kind: StripMarkKind;
  /** Where it begins. */
  readonly from: number;
  /** Where it ends; 1 while it lasts. */
  readonly to: number;
}

/** Where one stream that is watched stands. */
export type WatchedStatus =
  /** `attempt`: how often before this one it did not come about. */
  | { readonly kind: "connecting"; readonly attempt: number }
  /** Connected; what a decoder can begin with has not come yet. */
  | { readonly kind: "joining" }
  | { readonly kind: "live" }
  /** This computer, or its network, was too slow: some was left out, and it goes on with the newest. */
  | { readonly kind: "skipped" }
  /** The tab is in the background: nothing is decoded. */
  | { readonly kind: "resting" }
  /** The phone has no connection to the backend. */
  | { readonly kind: "gone" }
  /** No connection from here to the backend; the next try follows. */
  | { readonly kind: "reconnecting"; readonly attempt: number }
  | { readonly kind: "ended"; readonly verified: boolean }
  | { readonly kind: "failed"; readonly code: WatchFailure; readonly message: string };

/** Why a stream was given up for good. */
export type WatchFailure =
  /** This browser has no decoder for it. */
  | "no-decoder"
  /** What came is no file that can be read. */
  | "unreadable"
  /** The backend does not let this page watch. */
  | "not-allowed"
  /** The backend knows no such stream any more. */
  | "unknown-stream"
  /** The backend refused it for another reason, or what it says is no message of this version. */
  | "refused";

/** What is measured of a stream while it is watched. */
export interface WatchedFigures {
  /** From capture to screen; null while nothing is shown, or the phone's clock is not known. */
  readonly delayMs: number | null;
  /** kB of 1000 bytes a second. */
  readonly rateKBps: number;
  /** What happened to it in the last minute; 120 marks at most. */
  readonly marks: readonly StripMark[];
  /** Whether the phone says that it is muted. */
  readonly muted: boolean;
}

/** One stream of one phone. */
export interface WatchedStream {
  /** Whether it is the phone's picture or its sound. */
  readonly kind: StreamKind;
  /** Where it stands. */
  readonly status: WatchedStatus;
  /** What is measured of it; told four times a second while it goes on. */
  readonly figures: WatchedFigures;
}

/** What the page knows of what there is to watch. */
export type WatchAccess =
  | { readonly kind: "looking" }
  /** This browser has no WebCodecs, or draws in no worker. `missing` names the Web API. */
  | { readonly kind: "unsupported-browser"; readonly missing: string }
  /** Watching is switched off at the backend. */
  | { readonly kind: "switched-off" }
  /** Wants the secret, or a token for watching. `wasRefused`: what was given is wrong, or holds no more. */
  | { readonly kind: "not-allowed"; readonly wasRefused: boolean }
  /** Nothing answers, or not to this page. */
  | { readonly kind: "silent" }
  | { readonly kind: "open" };
