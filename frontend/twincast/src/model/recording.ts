/** Sessions that the backend keeps, as a person looks at them. */
import type { StreamKind } from "./stream";

/** `cut`: it did not end in good order, or goes on elsewhere. */
export type RecordingState = "recording" | "ended" | "cut";

export interface RecordingSummary {
  readonly id: string;
  /** What the phone is called here. */
  readonly name: string;
  readonly state: RecordingState;
  /** When its first media were captured, ms since the epoch on the phone's clock; null where there are none. */
  readonly startedAt: number | null;
  readonly durationMs: number;
  readonly bytes: number;
  /** Of both streams together. */
  readonly gaps: number;
  /** Null until both streams have ended. */
  readonly verified: boolean | null;
}

/** Where something is on the timeline of a recording, ms from its beginning. */
export interface TimelineMark {
  readonly kind: "gap" | "muted";
  readonly stream: StreamKind;
  readonly fromMs: number;
  readonly toMs: number;
}

/** One file, as the phone sent it. */
export interface RecordedFile {
  readonly stream: StreamKind;
  readonly name: string;
  readonly bytes: number;
  readonly mimeType: string;
}

export type PlaybackState =
  | { readonly kind: "loading" }
  | { readonly kind: "paused" | "playing" | "ended" }
  | { readonly kind: "failed"; readonly message: string };

/** The making of one file of both streams. */
export type ExportState =
  | { readonly kind: "idle" }
  | { readonly kind: "running"; readonly share: number }
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly message: string };
