import type { CaptureError, LevelSource, Sending } from "twincast";

export type AudioVisualizerState =
  | { kind: "listening" }
  | { kind: "muted" }
  /** Not one sample above zero for `forMs`: a covered or dead microphone. */
  | { kind: "silent"; forMs: number }
  | {
      kind: "microphone-missing";
      /** Why it could not be had. */
      error?: CaptureError;
      /** Whether it may be asked for again; a session that runs goes on without it. */
      canTry: boolean;
      /** What becomes of the other stream. */
      sending: Sending;
    }
  /** `isAsked`: the browser's question for it is open. */
  | { kind: "interrupted"; isAsked: boolean };

export type AudioVisualizerProps = {
  /** Drawn outside React's render; null where there is no microphone. */
  source: LevelSource | null;
  state: AudioVisualizerState;
  /** The tap that opens a microphone that was missing. */
  onTryAgain: () => void;
};
