import type { Torch } from "@/model/device";

export type Phase =
  | { kind: "ready" }
  | { kind: "starting" }
  | { kind: "live" }
  | { kind: "finishing"; leftBytes: number; totalBytes: number }
  | { kind: "ended" };

export type StreamControlsProps = {
  phase: Phase;
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
