import type { CaptureError, Device, InterruptionCause, Sending } from "twincast";

export type CaptureState =
  | { kind: "live" }
  | { kind: "flipping" }
  | {
      kind: "camera-missing";
      /** Why it could not be had. */
      error?: CaptureError;
      /** Whether it may be asked for again; a session that runs goes on without it. */
      canTry: boolean;
      /** What becomes of the other stream. */
      sending: Sending;
    }
  | {
      kind: "interrupted";
      /** Which one; the microphone only when it needs a tap. */
      device: Device;
      cause: InterruptionCause;
      /** The browser gives it back only after a tap. */
      needsTap: boolean;
    };

export type VideoCaptureProps = {
  state: CaptureState;
  stream: MediaStream | null;
  /** True for a camera that faces the person. Mirrors the preview only, never what is sent. */
  mirrored: boolean;
  /** `fill` cuts off what does not fit the place; `whole` shows what is sent. Default `fill`. */
  fit?: "fill" | "whole";
  /** The tap that brings a device back. */
  onResume: () => void;
  /** Told of the element that shows the preview, and of null when it goes. */
  onElement?: (video: HTMLVideoElement | null) => void;
};
