import type { Torch } from "twincast";

export type Phase =
  | { kind: "ready" }
  | { kind: "starting" }
  | { kind: "live" }
  | ({ kind: "finishing" } & Upload)
  | { kind: "ended" };

/** How it stands with what is kept after Stop, of both streams. */
export type Upload =
  /** The encoders give their last, so that nobody knows yet how much there is. */
  | { upload: "ending" }
  | { upload: "sending"; leftBytes: number; totalBytes: number }
  /** Something is left that no connection takes. */
  | { upload: "waiting"; leftBytes: number; leftMs: number };

export type StreamControlsProps = {
  phase: Phase;
  /** What the person pressed on the screen before this one is gone with it. */
  takesFocus?: boolean;
  muted: boolean;
  canFlip: boolean;
  canMute: boolean;
  torch: Torch;
  onStart: () => void;
  onStop: () => void;
  onToggleMute: () => void;
  onFlip: () => void;
  onToggleTorch: () => void;
  onOpenDetails: () => void;
  /** While finishing: stop sending and give up what the backend has not acknowledged. */
  onDiscard: () => void;
  /** After the end: get ready for another session. */
  onAgain: () => void;
};
