import type { LevelSource } from "@/model/device";

export type AudioVisualizerState =
  | { kind: "listening" }
  | { kind: "muted" }
  /** Not one sample above zero for `forMs`: a covered or dead microphone. */
  | { kind: "silent"; forMs: number }
  | { kind: "microphone-missing" }
  | { kind: "interrupted" };

export type AudioVisualizerProps = {
  /** Drawn outside React's render; null where there is no microphone. */
  source: LevelSource | null;
  state: AudioVisualizerState;
};
