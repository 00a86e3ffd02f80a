"use client";

import type { ExportState, PlaybackState } from "twincast/watch";
import { STREAM_NAMES } from "@/components/shared/words";
import { DownloadIcon, PauseIcon, PlayIcon } from "../icons";
import { formatBytes, formatClock, formatPercent } from "../shared/format";
import styles from "./RecordingView.module.css";
import { spellTimeline } from "./recordingWords";
import type { RecordingViewProps } from "./types";

/** One recording: both streams on one timeline, and its files. */
export function RecordingView(props: RecordingViewProps) {
  const { state, positionMs, durationMs, marks, files, picture, exporting } = props;
  const { onPlay, onPause, onSeek, onExport, onDownload } = props;
  const isPlaying = state.kind === "playing";
  return (
    <div className={styles.view} data-state={state.kind}>
      <div className={styles.picture} data-surface="video">
        {picture}
      </div>
      <div className={styles.transport}>
        <button
          type="button"
          className={styles.play}
          aria-label={isPlaying ? "Pause" : "Play"}
          disabled={state.kind === "loading" || state.kind === "failed"}
          onClick={isPlaying ? onPause : onPlay}
        >
          {isPlaying ? <PauseIcon /> : <PlayIcon />}
        </button>
        <div className={styles.timeline}>
          <div className={styles.holes} role="img" aria-label={spellTimeline(marks)}>
            {marks.map(({ kind, stream, fromMs, toMs }) => (
              <span
                key={`${kind} ${stream} ${fromMs}`}
                className={styles.hole}
                data-mark={kind}
                data-stream={stream}
                style={{
                  insetInlineStart: `${(100 * fromMs) / Math.max(1, durationMs)}%`,
                  inlineSize: `${Math.max(0.5, (100 * (toMs - fromMs)) / Math.max(1, durationMs))}%`,
                }}
              />
            ))}
          </div>
          <input
            type="range"
            className={styles.range}
            aria-label="Position"
            min={0}
            max={Math.max(1, Math.round(durationMs))}
            step={100}
            value={Math.round(positionMs)}
            onChange={({ target }) => onSeek(target.valueAsNumber)}
          />
        </div>
        <p className={styles.time}>
          <span>{formatClock(positionMs)}</span>
          <span className={styles.total}>{formatClock(durationMs)}</span>
        </p>
      </div>
      <Trouble state={state} exporting={exporting} />
      <div className={styles.files}>
        <button
          type="button"
          className={styles.download}
          disabled={exporting.kind === "running"}
          onClick={onExport}
        >
          <DownloadIcon />
          <span>{exportWords(exporting)}</span>
        </button>
        <ul className={styles.list}>
          {files.map((file) => (
            <li key={`${file.stream} ${file.name}`}>
              <button type="button" className={styles.file} onClick={() => onDownload(file)}>
                <span>{STREAM_NAMES[file.stream]}</span>
                <span className={styles.name}>{file.name}</span>
                <span className={styles.total}>{formatBytes(file.bytes)}</span>
              </button>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

function exportWords(exporting: ExportState): string {
  switch (exporting.kind) {
    case "running":
      return `Putting picture and sound together, ${formatPercent(exporting.share * 100, 100)}`;
    case "idle":
    case "done":
    case "failed":
      return "Download picture and sound as one file";
  }
}

function Trouble({ state, exporting }: { state: PlaybackState; exporting: ExportState }) {
  const message =
    state.kind === "failed" ? state.message : exporting.kind === "failed" ? exporting.message : null;
  return (
    message !== null && (
      <p className={styles.trouble} role="alert">
        {message}
      </p>
    )
  );
}
