import type { Source } from "@/model/source";

export type DurationProps = {
  /** Since Start; a number where it stands still. */
  elapsedMs: number | Source<number>;
  /** Shows the dot that says that media leaves the phone. */
  recording: boolean;
};
