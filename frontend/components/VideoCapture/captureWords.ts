import { AlertIcon, CameraOffIcon, FlipIcon, type IconComponent, PauseIcon, PhoneCallIcon } from "../icons";
import type { CaptureState, PictureCause } from "./types";

type Words = { Icon: IconComponent; title: string; detail: string };

/** What stands over a picture that stands still, or is missing; null while it moves. */
export function captureWords(state: CaptureState): Words | null {
  switch (state.kind) {
    case "live":
      return null;
    case "flipping":
      return { Icon: FlipIcon, title: "Switching camera", detail: "Sound goes on." };
    case "camera-missing":
      return { Icon: CameraOffIcon, title: "No camera", detail: "Only sound is sent." };
    case "interrupted":
      return interruption(state.cause, state.needsTap);
  }
}

function interruption(cause: PictureCause, needsTap: boolean): Words {
  const back = needsTap ? "Tap to go on." : "It comes back by itself.";
  switch (cause) {
    case "call":
      return {
        Icon: PhoneCallIcon,
        title: "Paused by a call",
        detail: needsTap ? back : "It goes on after the call.",
      };
    case "hidden":
      return {
        Icon: PauseIcon,
        title: "Paused in the background",
        detail: needsTap ? back : "Phones stop the camera of a page that nobody sees.",
      };
    case "device-lost":
      return {
        Icon: CameraOffIcon,
        title: "Camera disconnected",
        detail: needsTap ? back : "Looking for it.",
      };
    case "taken":
      return {
        Icon: AlertIcon,
        title: "Another app took the camera",
        detail: needsTap ? "Close that app, then tap." : back,
      };
    case "no-frames":
      return {
        Icon: AlertIcon,
        title: "The camera stands still",
        detail: needsTap ? back : "Starting it again.",
      };
  }
}
