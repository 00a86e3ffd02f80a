import type { InterruptionCause } from "../../model/device";
import type { CaptureError } from "../../model/permission";

/** What a person sees of one device, from the permission on. */
export type InputState =
  | { readonly kind: "live" }
  /** It is on and not muted, and gives digital silence: a dead cable, or a switch on the headset. */
  | { readonly kind: "silent" }
  /** It could not be had when it was asked for. */
  | { readonly kind: "missing"; readonly error?: CaptureError }
  /** It is being changed on purpose: the other camera, another microphone. */
  | { readonly kind: "flipping" }
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
