import type { ReactNode } from "react";

/** The one layout of the page. Every slot may be empty. */
export type StreamScreenProps = {
  /** Full-bleed: VideoCapture. */
  preview?: ReactNode;
  /** Top: one ConnectionBadge per stream. */
  badges?: ReactNode;
  /** Under the badges: Quality, where it is not good. */
  status?: ReactNode;
  /** Under the status: why nothing arrives, a BackendNotice. */
  trouble?: ReactNode;
  /** Between what must stay readable and what must stay in reach: Toasts, LiveRegion. */
  notices?: ReactNode;
  /** At the edge of the picture: PictureTools. */
  tools?: ReactNode;
  /** One strip above the controls: Duration, AudioVisualizer and one DataRate per stream. */
  meters?: ReactNode;
  /** Bottom, or the right edge in landscape: StreamControls. */
  controls?: ReactNode;
  /** Over the dimmed preview: SessionSummary. */
  cover?: ReactNode;
  /** Beside the preview where the screen is wide, else not shown: DetailsPanel. */
  panel?: ReactNode;
  /** Two fingers on the picture have moved apart by this factor. */
  onPinch?: (factor: number) => void;
  /** Above everything: DetailsSheet. */
  children?: ReactNode;
};
