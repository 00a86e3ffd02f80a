import type { CaptureError } from "./permission-errors";

/** Why a device gives nothing at the moment. */
export type InterruptionCause =
  /** The system took the microphone: a phone call, Siri. */
  | "call"
  /** Another app took the camera. */
  | "taken"
  /** The page is out of sight, or the screen is locked. */
  | "hidden"
  /** Unplugged, or the permission was taken back. */
  | "device-lost"
  /** The track says that it is live, and nothing comes. */
  | "no-frames"
  | "no-audio";

/** What a person sees of one device while the session runs. */
export type InputState =
  | { readonly kind: "live" }
  /** It is on and not muted, and gives digital silence: a dead cable, or a switch on the headset. */
  | { readonly kind: "silent" }
  | {
      readonly kind: "interrupted";
      readonly cause: InterruptionCause;
      /** Coming back by itself did not work: show one large button that calls `retry`. */
      readonly needsTap: boolean;
      /** Why it could not be opened again. */
      readonly error?: CaptureError;
    }
  /** It is being opened again, or is open and has not given anything yet. */
  | { readonly kind: "returning"; readonly cause: InterruptionCause };
