import type { LevelSource } from "@/model/device";
import type { Clock } from "../../clock";

export const SILENCE_MS = 5_000;

export interface SilenceWatchOptions {
  readonly levels: LevelSource;
  readonly clock: Clock;
  /** Whether silence would be news: the microphone is on, not muted on purpose, and nothing else is wrong with it. */
  readonly isExpectedToSound: () => boolean;
  readonly onChange: (isSilent: boolean) => void;
}

/** Tells when a microphone has given digital silence for `SILENCE_MS`, and when it sounds again. @returns what ends it. */
export function watchSilence({
  levels,
  clock,
  isExpectedToSound,
  onChange,
}: SilenceWatchOptions): () => void {
  let soundAt = clock.now();
  let isSilent = false;
  const tell = (next: boolean) => {
    if (next === isSilent) return;
    isSilent = next;
    onChange(next);
  };
  return levels.subscribe(({ peak }) => {
    const now = clock.now();
    if (peak > 0 || !isExpectedToSound()) {
      soundAt = now;
      tell(false);
    } else if (now - soundAt >= SILENCE_MS) {
      tell(true);
    }
  });
}
