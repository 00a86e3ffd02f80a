export type Phase =
  | { kind: "ready" }
  | { kind: "starting" }
  | { kind: "live" }
  | { kind: "finishing"; leftBytes: number; totalBytes: number }
  | { kind: "ended" }
  | { kind: "disabled"; reason: string };

export type Torch = "none" | "off" | "on";

export type StreamControlsProps = {
  phase: Phase;
  muted: boolean;
  canFlip: boolean;
  canMute: boolean;
  /** "none" where the camera has no light. */
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
