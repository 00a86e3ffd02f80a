import type { PlaybackState } from "../../model/recording";
import type { Store } from "../../session/store";
import type { Timeline } from "./timeline";

/**
 * Plays a recording, picture and sound together. `RecordingsBrowser.player` makes one for a canvas; call
 * `load` first, and `close` when the canvas goes.
 */
export interface RecordingPlayer {
  /** Where it stands; after `failed`, `play` and `seek` try again. */
  readonly state: Store<PlaybackState>;
  /** Where it is, ms from the recording's beginning; told ten times a second while it plays. */
  readonly positionMs: Store<number>;
  /** What it plays; another one when it came to the end, and more had been recorded. */
  readonly timeline: Store<Timeline>;
  /** Shows the first picture. */
  load(): Promise<void>;
  /** From a click: browsers play nothing before one. Does nothing where it plays already. */
  play(): void;
  /** Stops where it is; does nothing where it does not play. */
  pause(): void;
  /**
   * Goes to another place, and plays on there if it was playing.
   *
   * @param positionMs beyond an end of the recording it is that end.
   */
  seek(positionMs: number): void;
  /** Ends picture and sound and lets go of the loudspeaker; `state` stays as it is. */
  close(): void;
}
