import type { Zoom } from "twincast";

/** `whole`: as it is sent, with what is beside it left dark. `fill`: over the whole screen, its edges cut off here only. */
export type PictureFit = "whole" | "fill";

export type PictureToolsProps = {
  fit: PictureFit;
  onFit: (fit: PictureFit) => void;
  /** null where the camera has none. */
  zoom: Zoom | null;
  onZoom: (value: number) => void;
  /** Absent while nothing is recorded: the screen stays as it is then. */
  onDim?: (() => void) | undefined;
};
