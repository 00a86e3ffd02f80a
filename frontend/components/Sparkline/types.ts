import type { Source } from "twincast";

export type SparklineProps = {
  /** Oldest first, one sample a second or so; the last 60 are drawn. */
  series: Source<readonly number[]>;
  /** The value at full height; a larger sample raises it. */
  ceiling: number;
  /** What a person who does not see it hears, e.g. `Video data rate, last minute`. */
  label: string;
};
