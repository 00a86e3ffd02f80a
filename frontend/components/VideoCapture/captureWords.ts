import type { Device, InterruptionCause } from "twincast";
import { missingDevice, SENDING_WORDS } from "@/components/shared/words";
import {
  AlertIcon,
  CameraOffIcon,
  FlipIcon,
  type IconComponent,
  MicOffIcon,
  PauseIcon,
  PhoneCallIcon,
  QuestionIcon,
} from "../icons";
import type { CaptureState } from "./types";

type Words = {
  Icon: IconComponent;
  title: string;
  detail: string;
  /** The button's, where a tap helps. */
  action: string | null;
};

/** What stands over a picture that stands still, or is missing; null while it moves. */
export function captureWords(state: CaptureState): Words | null {
  switch (state.kind) {
    case "live":
      return null;
    case "flipping":
      return { Icon: FlipIcon, title: "Switching camera", detail: "Sound goes on.", action: null };
    case "camera-missing":
      return {
        Icon: CameraOffIcon,
        title: missingDevice("camera", state.error),
        detail: `Only sound ${SENDING_WORDS[state.sending]} sent.`,
        action: state.canTry ? "Try again" : null,
      };
    case "interrupted":
      return {
        ...interruption(state.device, state.cause, state.needsTap),
        action: state.needsTap ? `Resume ${state.device}` : null,
      };
  }
}

function interruption(device: Device, cause: InterruptionCause, needsTap: boolean): Omit<Words, "action"> {
  const back = needsTap ? "Tap to go on." : "It comes back by itself.";
  const name = device === "camera" ? "Camera" : "Microphone";
  const OffIcon = device === "camera" ? CameraOffIcon : MicOffIcon;
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
        detail: needsTap ? back : `Phones stop the ${device} of a page that nobody sees.`,
      };
    case "device-lost":
      return { Icon: OffIcon, title: `${name} disconnected`, detail: needsTap ? back : "Looking for it." };
    case "asking":
      return {
        Icon: QuestionIcon,
        title: `Your browser asks for the ${device}`,
        detail: "Choose Allow to go on.",
      };
    case "refused":
      return {
        Icon: OffIcon,
        title: `The ${device} is off for this page`,
        detail: "Allow it in your browser’s page settings, then tap.",
      };
    case "taken":
      return {
        Icon: AlertIcon,
        title: `Another app took the ${device}`,
        detail: needsTap ? "Close that app, then tap." : back,
      };
    case "no-frames":
      return {
        Icon: AlertIcon,
        title: "The camera stands still",
        detail: needsTap ? back : "Starting it again.",
      };
    case "no-audio":
      return {
        Icon: AlertIcon,
        title: "The microphone gives nothing",
        detail: needsTap ? back : "Starting it again.",
      };
  }
}
