import type { Source } from "@/model/source";
import type { StreamKind, StreamStatus } from "@/model/stream";

export type ConnectionBadgeProps = {
  stream: StreamKind;
  /** Its figures change often: they are written past React. */
  status: Source<StreamStatus>;
};
