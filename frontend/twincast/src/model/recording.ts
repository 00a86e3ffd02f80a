/** Sessions that the backend keeps, as a person looks at them. */
import type { StreamKind } from "./stream";

/** `cut`: it did not end in good order, or goes on elsewhere. */
export type RecordingState = "recording" | "ended" | "cut";

/** A recorded session, as the list tells of it. */
export interface RecordingSummary {
  /** The session's watch id, for `RecordingsBrowser.open`. */
  readonly id: string;
  /** What the phone is called here. */
  readonly name: string;
  /** Whether more of it comes; while a stream of it does, it is `recording`. */
  readonly state: RecordingState;
  /** When its first media were captured, ms since the epoch on the phone's clock; null where there are none. */
  readonly startedAt: number | null;
  /** From its first to its last media, ms; 0 where there are none. */
  readonly durationMs: number;
  /** Of both streams together. */
  readonly bytes: number;
  /** Of both streams together. */
  readonly gaps: number;
  /** Null until both streams have ended. */
  readonly verified: boolean | null;
}

/** Where something is on the timeline of a recording, ms from its beginning. */
export interface TimelineMark {
  /** `gap`: media that will never come. `muted`: the phone said that it was. */
  readonly kind: "gap" | "muted";
  /** The stream that it is of. */
  readonly stream: StreamKind;
  /** Where it begins, within the recording. */
  readonly fromMs: number;
  /** Where it ends; what still lasts ends with the recording. */
  readonly toMs: number;
}

/** One file, as the phone sent it. */
export interface RecordedFile {
  /** The stream that it is a part of. */
  readonly stream: StreamKind;
  /** What the backend calls it; no two files of a stream have the same name. */
  readonly name: string;
  /** Its size when the recording was last asked for. */
  readonly bytes: number;
  /** As the phone announced it. */
  readonly mimeType: string;
}

/** Where a player stands; until `load` has shown the first picture, it is `loading`. */
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
