import type { Source } from "twincast";

export type DurationProps = {
  /** Since Start; a number where it stands still. */
  elapsedMs: number | Source<number>;
  /** Shows the dot that says that media leaves the phone. */
  recording: boolean;
};
