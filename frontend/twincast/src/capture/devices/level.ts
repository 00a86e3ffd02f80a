import { type Clock, systemClock } from "../../clock";
import type { Level, LevelSource } from "../../model/device";
import type { AudioInput } from "./audio-input";

/** What the meter and the watch over silence follow. */
export interface LevelMeter extends LevelSource {
  /** Calls `listener` twelve times a second while the sound runs. @returns a function that ends the subscription. */
  subscribe(listener: (level: Level) => void): () => void;
  close(): void;
}

/** A level is read, not watched, and the page's thread wakes for each. */
const INTERVAL_MS = 1_000 / 12;
/** What an analyser can keep at most. */
const MAX_WINDOW_SAMPLES = 32_768;

/** Meters the microphone. Costs nothing while nobody is subscribed. */
export function createLevelSource(input: AudioInput, clock: Clock = systemClock): LevelMeter {
  const analyser = new AnalyserNode(input.context, { fftSize: windowSamples(input.context.sampleRate) });
  // Not connected to the destination: engines pull an analyser without, and with it the phone would howl.
  const disconnect = input.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const listeners = new Set<(level: Level) => void>();
  let stopTicking = () => {};

  const tick = () => {
    stopTicking = clock.after(INTERVAL_MS, tick);
    // A suspended context repeats its last samples: nothing is said, rather than what was.
    if (input.state !== "running") return;
    analyser.getFloatTimeDomainData(samples);
    const level = measure(samples);
    for (const listener of listeners) listener(level);
  };

  return {
    subscribe(listener) {
      if (listeners.size === 0) stopTicking = clock.after(INTERVAL_MS, tick);
      listeners.add(listener);
      return () => {
        if (listeners.delete(listener) && listeners.size === 0) stopTicking();
      };
    },
    close() {
      stopTicking();
      listeners.clear();
      disconnect();
    },
  };
}

/** @returns a power of two, as an analyser wants it, of no less than one interval: no peak falls between two looks. */
function windowSamples(sampleRate: number): number {
  return Math.min(MAX_WINDOW_SAMPLES, 2 ** Math.ceil(Math.log2((sampleRate * INTERVAL_MS) / 1_000)));
}

/** @param samples -1 to 1. @returns 0 and 0 for no samples. */
export function measure(samples: Float32Array): Level {
  let sum = 0;
  let peakSquare = 0;
  for (const sample of samples) {
    const square = sample * sample;
    sum += square;
    if (square > peakSquare) peakSquare = square;
  }
  return { rms: Math.sqrt(sum / Math.max(1, samples.length)), peak: Math.sqrt(peakSquare) };
}
