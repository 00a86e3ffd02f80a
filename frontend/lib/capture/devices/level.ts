import type { Level, LevelSource } from "@/model/device";
import { type Clock, systemClock } from "../../clock";
import type { AudioInput } from "./audio-input";

/** What the meter and the watch over silence follow. */
export interface LevelMeter extends LevelSource {
  /** Calls `listener` 25 times a second while the sound runs. @returns a function that ends the subscription. */
  subscribe(listener: (level: Level) => void): () => void;
  close(): void;
}

/** 25 Hz: smooth to the eye, and no more work than that. */
const INTERVAL_MS = 40;
/** A little more than one interval at 48 kHz, so that no peak falls between two looks. */
const WINDOW_SAMPLES = 2048;

/** Meters the microphone. Costs nothing while nobody is subscribed. */
export function createLevelSource(input: AudioInput, clock: Clock = systemClock): LevelMeter {
  const analyser = new AnalyserNode(input.context, { fftSize: WINDOW_SAMPLES });
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

/** @param samples -1 to 1. @returns 0 and 0 for no samples. */
export function measure(samples: Float32Array): Level {
  let sum = 0;
  let peak = 0;
  for (const sample of samples) {
    sum += sample * sample;
    peak = Math.max(peak, Math.abs(sample));
  }
  return { rms: Math.sqrt(sum / Math.max(1, samples.length)), peak };
}
