import { missingDevice, SENDING_WORDS } from "@/components/shared/words";
import { AlertIcon, type IconComponent, MicIcon, MicOffIcon } from "../icons";
import { formatSeconds } from "../shared/format";
import type { AudioVisualizerState } from "./types";

/** What stands where the waveform would be; null while there is one. */
export function visualizerWords(state: AudioVisualizerState): { Icon: IconComponent; words: string | null } {
  switch (state.kind) {
    case "listening":
      return { Icon: MicIcon, words: null };
    case "muted":
      return { Icon: MicOffIcon, words: "Microphone muted" };
    case "silent":
      return {
        Icon: AlertIcon,
        words: `No sound for ${formatSeconds(state.forMs)}`,
      };
    case "microphone-missing":
      return {
        Icon: MicOffIcon,
        words: `${missingDevice("microphone", state.error)}: only video ${SENDING_WORDS[state.sending]} sent`,
      };
    case "interrupted":
      return {
        Icon: AlertIcon,
        words: state.isAsked ? "Your browser asks for the microphone" : "Microphone interrupted",
      };
  }
}
