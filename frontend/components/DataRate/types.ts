import type { Source, StreamKind } from "twincast";

export type DataRateProps = {
  stream: StreamKind;
  /** Acknowledged by the backend, in kilobytes (1000 bytes) a second. */
  source: Source<number>;
  /** Oldest first, one a second; draws a sparkline where given. */
  series?: Source<readonly number[]>;
};
