/**
 * The other end of the wire: what the backend receives, live and recorded, as pictures and sound.
 *
 * @packageDocumentation
 */
export type {
  ExportState,
  PlaybackState,
  RecordedFile,
  RecordingState,
  RecordingSummary,
  TimelineMark,
} from "../model/recording";
export type {
  StripMark,
  StripMarkKind,
  WatchAccess,
  WatchedFigures,
  WatchedStatus,
  WatchedStream,
  WatchFailure,
} from "../model/watch";
export * from "../watch";
