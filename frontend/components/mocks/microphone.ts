import type { Level, LevelSource } from "twincast";
import { isStill } from "./still";

const BLOCK_MS = 1000 / 12;
/** As many as the waveform remembers. */
const STILL_BLOCKS = 64;

/** A microphone whose level is `at(seconds)`. In tests it hands over five seconds at once and then stays silent. */
export function mockMicrophone(at: (seconds: number) => Level): LevelSource {
  return {
    subscribe(listener) {
      for (let block = 0; block < STILL_BLOCKS; block++) listener(at((block * BLOCK_MS) / 1000));
      if (isStill()) return () => {};
      const startedAt = performance.now() - STILL_BLOCKS * BLOCK_MS;
      const timer = setInterval(() => listener(at((performance.now() - startedAt) / 1000)), BLOCK_MS);
      return () => clearInterval(timer);
    },
  };
}

/** An oscillator with the rhythm of speech: syllables, words, and pauses between sentences. */
export function speech(seconds: number): Level {
  const sentence = Math.max(0, Math.sin(seconds * 0.9 + 0.6) + 0.55) / 1.55;
  const word = 0.55 + 0.45 * Math.sin(seconds * 4.1);
  const syllable = 0.6 + 0.4 * Math.sin(seconds * 17.3 + Math.sin(seconds * 3));
  const rms = 0.004 + 0.2 * sentence * word * syllable;
  return { rms, peak: Math.min(1, rms * 2.6) };
}

/** Too near, too loud: cut off in every block. */
export function shouting(seconds: number): Level {
  return { rms: 0.55 + 0.15 * Math.sin(seconds * 11), peak: 1 };
}

export function silence(): Level {
  return { rms: 0, peak: 0 };
}
