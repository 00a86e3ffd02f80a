import type { RecordingSummary } from "twincast/watch";
import { formatBytes, formatClock, formatCount, spellDuration } from "../shared/format";
import styles from "./RecordingList.module.css";
import { recordingState } from "./recordingWords";
import type { RecordingListProps } from "./types";

/** What was recorded, the newest first. */
export function RecordingList(props: RecordingListProps) {
  const { recordings, trouble, openId, opened, hasMore, timeZone, onOpen, onMore, onRefresh } = props;
  const when = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short", timeZone });
  return (
    <section className={styles.section} aria-labelledby="recordings-title">
      <div className={styles.head}>
        <h2 id="recordings-title" className={styles.title}>
          Recordings
        </h2>
        <button type="button" className={styles.button} onClick={onRefresh}>
          Refresh
        </button>
      </div>
      {trouble && (
        <p className={styles.trouble} role="alert">
          {trouble}
        </p>
      )}
      {recordings === null ? (
        !trouble && <p className={styles.note}>Looking for recordings</p>
      ) : recordings.length === 0 ? (
        <p className={styles.note}>Nothing is recorded yet.</p>
      ) : (
        <ul className={styles.list}>
          {recordings.map((recording) => (
            <li key={recording.id} className={styles.item}>
              <Row
                recording={recording}
                when={recording.startedAt === null ? "Nothing in it" : when.format(recording.startedAt)}
                isOpen={recording.id === openId}
                onOpen={onOpen}
              />
              {recording.id === openId && opened}
            </li>
          ))}
        </ul>
      )}
      {hasMore && (
        <button type="button" className={styles.button} onClick={onMore}>
          Show older ones
        </button>
      )}
    </section>
  );
}

type RowProps = {
  recording: RecordingSummary;
  when: string;
  isOpen: boolean;
  onOpen: (id: string | null) => void;
};

function Row({ recording, when, isOpen, onOpen }: RowProps) {
  const { id, name, durationMs, bytes, gaps, verified, state } = recording;
  const { label, tone } = recordingState(state, verified);
  return (
    <button
      type="button"
      className={styles.row}
      aria-expanded={isOpen}
      onClick={() => onOpen(isOpen ? null : id)}
    >
      <span className={styles.name}>{name}</span>
      <span className={styles.when}>{when}</span>
      <span className={styles.figure}>
        <span aria-hidden="true">{formatClock(durationMs)}</span>
        <span className={styles.spoken}>{spellDuration(durationMs)}</span>
      </span>
      <span className={styles.figure}>{formatBytes(bytes)}</span>
      <span className={styles.figure}>{gaps === 0 ? "No gaps" : formatCount(gaps, "gap")}</span>
      <span className={styles.state} data-tone={tone}>
        {label}
      </span>
    </button>
  );
}
