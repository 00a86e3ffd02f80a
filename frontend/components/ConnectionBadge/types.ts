import type { Source, StreamKind, StreamStatus } from "twincast";

export type ConnectionBadgeProps = {
  stream: StreamKind;
  /** Its figures change often: they are written past React. */
  status: Source<StreamStatus>;
};
