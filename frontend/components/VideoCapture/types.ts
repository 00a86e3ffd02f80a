import type { InterruptionCause } from "@/model/device";

/** Why there is no picture at the moment. */
export type PictureCause = Exclude<InterruptionCause, "no-audio">;

export type CaptureState =
  | { kind: "live" }
  | { kind: "flipping" }
  | { kind: "camera-missing" }
  | {
      kind: "interrupted";
      cause: PictureCause;
      /** The browser gives the camera back only after a tap. */
      needsTap: boolean;
    };

export type VideoCaptureProps = {
  state: CaptureState;
  stream: MediaStream | null;
  /** True for a camera that faces the person. Mirrors the preview only, never what is sent. */
  mirrored: boolean;
  onResume: () => void;
  /** Told of the element that shows the preview, and of null when it goes. */
  onElement?: (video: HTMLVideoElement | null) => void;
};
