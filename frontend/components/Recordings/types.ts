import type { ReactNode } from "react";
import type {
  ExportState,
  PlaybackState,
  RecordedFile,
  RecordingSummary,
  TimelineMark,
} from "twincast/watch";

export type RecordingListProps = {
  /** Null while it is fetched. */
  recordings: readonly RecordingSummary[] | null;
  /** Why there is no list. */
  trouble?: string | undefined;
  /** The one that is open below its row. */
  openId: string | null;
  /** What is shown there. */
  opened?: ReactNode;
  hasMore: boolean;
  /** An IANA name; the reader's own without it. */
  timeZone?: string | undefined;
  onOpen: (id: string | null) => void;
  onMore: () => void;
  onRefresh: () => void;
};

export type RecordingViewProps = {
  state: PlaybackState;
  positionMs: number;
  durationMs: number;
  marks: readonly TimelineMark[];
  files: readonly RecordedFile[];
  /** Where its pictures are drawn. */
  picture: ReactNode;
  exporting: ExportState;
  onPlay: () => void;
  onPause: () => void;
  onSeek: (positionMs: number) => void;
  /** Both streams as one file. */
  onExport: () => void;
  onDownload: (file: RecordedFile) => void;
};
