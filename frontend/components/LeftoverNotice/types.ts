import type { Leftover } from "twincast";

export type LeftoverNoticeProps = {
  leftover: Exclude<Leftover, { kind: "none" }>;
  /** Over the picture, where every line counts. */
  isStrip?: boolean;
  /** Gives up what is left. Of a leftover that is over: it was read. */
  onDiscard: () => void;
};
