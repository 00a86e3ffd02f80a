import { formatBytes, formatPercent, formatSeconds } from "../shared/format";
import type { Phase } from "./types";

/** The record button's name: what pressing it does, or what it is busy with. */
export const RECORD_NAMES: Readonly<Record<Phase["kind"], string>> = {
  ready: "Start streaming",
  starting: "Starting",
  live: "Stop streaming",
  finishing: "Finishing upload",
  ended: "New session",
};

/** The record button's name once a start takes long. */
export const CANCEL_NAME = "Cancel";

/** What the record button cannot say by its shape. @param mayCancel whether pressing it ends a start that takes long. */
export function noteOf(phase: Phase, mayCancel = false): string | null {
  switch (phase.kind) {
    case "ready":
    case "live":
      return null;
    case "ended":
      return "New session";
    case "starting":
      return mayCancel ? "Starting… Press again to cancel." : "Starting…";
    case "finishing":
      return `${uploadWords(phase)}. Keep this page open.`;
  }
}

function uploadWords(phase: Extract<Phase, { kind: "finishing" }>): string {
  switch (phase.upload) {
    case "ending":
      return RECORD_NAMES.finishing;
    case "sending":
      return `${RECORD_NAMES.finishing}, ${formatPercent(phase.totalBytes - phase.leftBytes, phase.totalBytes)}`;
    case "waiting":
      return phase.leftBytes > 0
        ? `Waiting for the connection, ${formatSeconds(phase.leftMs)} (${formatBytes(phase.leftBytes)}) still on this device`
        : "Waiting for the connection";
  }
}
