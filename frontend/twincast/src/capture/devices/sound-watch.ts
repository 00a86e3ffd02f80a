import type { Clock } from "../../clock";
import type { LevelSource } from "../../model/device";
import type { AudioInput } from "./audio-input";

/** So long a microphone gives digital silence before it is called silent, ms. */
export const SILENCE_MS = 5_000;

/** The microphone's place in Web Audio, which a call interrupts, and its level, which tells silence. */
export interface WatchedSound {
  readonly input: Pick<AudioInput, "state" | "onStateChange" | "resume">;
  readonly level: LevelSource;
}

interface SilenceWatchOptions {
  readonly level: LevelSource;
  readonly clock: Clock;
  /** Whether silence would be news: the microphone is on, not muted on purpose, and nothing else is wrong with it. */
  readonly isExpectedToSound: () => boolean;
  readonly onChange: (isSilent: boolean) => void;
}

/** Tells when a microphone has given digital silence for `SILENCE_MS`, and when it sounds again. @returns what ends it. */
function watchSilence({ level, clock, isExpectedToSound, onChange }: SilenceWatchOptions): () => void {
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

export interface SoundWatchOptions {
  readonly clock: Clock;
  readonly isExpectedToSound: () => boolean;
  readonly onSilence: (isSilent: boolean) => void;
  /** A call took the sound, it seems. */
  readonly onInterrupted: () => void;
  readonly onRunning: () => void;
}

/** Watches the place of a microphone in Web Audio, for as long as it has one. */
export class SoundWatch {
  readonly #options: SoundWatchOptions;
  #sound: WatchedSound | null = null;
  readonly #leave: (() => void)[] = [];

  constructor(options: SoundWatchOptions) {
    this.#options = options;
  }

  get isInterrupted(): boolean {
    return this.#sound?.input.state === "interrupted";
  }

  /** @param hearsSilence whether silence tells of the device: something reads it. */
  watch(sound: WatchedSound | null, hearsSilence: boolean): void {
    this.close();
    this.#sound = sound;
    if (!sound) return;
    const { clock, isExpectedToSound, onSilence, onInterrupted, onRunning } = this.#options;
    this.#leave.push(
      sound.input.onStateChange((state) => {
        if (state === "interrupted") onInterrupted();
        else if (state === "running") onRunning();
      }),
    );
    if (hearsSilence)
      this.#leave.push(watchSilence({ level: sound.level, clock, isExpectedToSound, onChange: onSilence }));
  }

  /** The same place, after something began or ceased to read it. */
  watchAgain(hearsSilence: boolean): void {
    this.watch(this.#sound, hearsSilence);
  }

  /** A call that took the sound gives it back only when it is asked for. */
  resume(): void {
    this.#sound?.input.resume().catch(() => {});
  }

  close(): void {
    for (const leave of this.#leave.splice(0)) leave();
    this.#sound = null;
  }
}
