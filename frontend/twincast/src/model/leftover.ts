/** Media of a session whose page is gone, as another page finds them on this device. */
import type { StreamKind, StreamStatus } from "./stream";

/** One stream of it. */
export interface LeftoverStream {
  /** Which of the two it is. */
  readonly stream: StreamKind;
  /** How much there was to deliver when it was found, ms of media. */
  readonly foundMs: number;
  /** What is not delivered yet, ms of media. */
  readonly keptMs: number;
  /** The same, bytes. */
  readonly keptBytes: number;
  /** How far its delivery is. */
  readonly status: StreamStatus;
}

/** What is left on this device, and what becomes of it. */
export type Leftover =
  | { readonly kind: "none" }
  /** Another page of this origin has a session now. */
  | { readonly kind: "elsewhere" }
  | {
      /** `over`: nothing more of it is on its way. */
      readonly kind: "sending" | "over";
      /** When its session began, ms since the epoch. */
      readonly startedAt: number;
      /** From there to the last media that were stored. */
      readonly durationMs: number;
      readonly streams: readonly LeftoverStream[];
    };
