import type { LevelSource } from "@/model/device";
import type { Clock } from "../../clock";
import type { AudioInput } from "./audio-input";

export const SILENCE_MS = 5_000;

/** The microphone's place in Web Audio, which a call interrupts, and its level, which tells silence. */
export interface WatchedSound {
  readonly input: Pick<AudioInput, "state" | "onStateChange" | "resume">;
  readonly level: LevelSource;
}

export interface SilenceWatchOptions {
  readonly level: LevelSource;
  readonly clock: Clock;
  /** Whether silence would be news: the microphone is on, not muted on purpose, and nothing else is wrong with it. */
  readonly isExpectedToSound: () => boolean;
  readonly onChange: (isSilent: boolean) => void;
}

/** Tells when a microphone has given digital silence for `SILENCE_MS`, and when it sounds again. @returns what ends it. */
export function watchSilence({ level, clock, isExpectedToSound, onChange }: SilenceWatchOptions): () => void {
  let soundAt = clock.now();
  let isSilent = false;
  const tell = (next: boolean) => {
    if (next === isSilent) return;
    isSilent = next;
    onChange(next);
  };
  return level.subscribe(({ peak }) => {
    const now = clock.now();
    if (peak > 0 || !isExpectedToSound()) {
      soundAt = now;
      tell(false);
    } else if (now - soundAt >= SILENCE_MS) {
      tell(true);
    }
  });
}
