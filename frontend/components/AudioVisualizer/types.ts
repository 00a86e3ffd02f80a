/** One measurement of the microphone. Amplitudes are linear, 0 to 1 (full scale). */
export type Level = { rms: number; peak: number; waveform?: Float32Array };

/** Pushes measurements, 20 to 60 a second. Drawn outside React's render. */
export interface LevelSource {
  /** @returns the function that ends the subscription. */
  subscribe(listener: (level: Level) => void): () => void;
}

export type AudioVisualizerState =
  | { kind: "listening" }
  | { kind: "muted" }
  /** Not one sample above zero for `forMs`: a covered or dead microphone. */
  | { kind: "silent"; forMs: number }
  | { kind: "microphone-missing" }
  | { kind: "interrupted" };

export type AudioVisualizerProps = { source: LevelSource; state: AudioVisualizerState };
