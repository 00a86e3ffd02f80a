import { STREAM_NAMES } from "@/components/shared/words";
import { AlertIcon, CameraIcon, CheckIcon, MicIcon } from "../icons";
import { formatClock, spellDuration } from "../shared/format";
import styles from "./SessionSummary.module.css";
import { figuresOf, gapWords, technicalOf, verdictOf } from "./summaryWords";
import type { SessionSummaryProps, StreamResult } from "./types";

/** What the backend has at the end, by its own word. */
export function SessionSummary({ durationMs, streams }: SessionSummaryProps) {
  const verdict = verdictOf(streams);
  const Glyph = verdict.tone === "good" ? CheckIcon : AlertIcon;
  return (
    <section className={styles.summary} aria-labelledby="session-summary-title" data-tone={verdict.tone}>
      <div className={styles.verdict}>
        <span className={styles.seal} aria-hidden="true">
          <Glyph className={styles.sealIcon} />
        </span>
        <h2 id="session-summary-title" className={styles.title}>
          {verdict.title}
        </h2>
        <p className={styles.lead}>{verdict.lead}</p>
      </div>
      <div className={styles.facts}>
        <dl className={styles.duration}>
          <dt>Length</dt>
          <dd>
            <span aria-hidden="true">{formatClock(durationMs)}</span>
            <span className={styles.spoken}>{spellDuration(durationMs)}</span>
          </dd>
        </dl>
        <ul className={styles.streams}>
          {streams.map((outcome) => (
            <Outcome key={outcome.stream} outcome={outcome} />
          ))}
        </ul>
      </div>
    </section>
  );
}

function Outcome({ outcome }: { outcome: StreamResult }) {
  const Icon = outcome.stream === "video" ? CameraIcon : MicIcon;
  const technical = technicalOf(outcome);
  const gaps = outcome.kind === "ended" ? outcome.gaps : [];
  return (
    <li className={styles.stream} data-stream={outcome.stream} data-state={outcome.kind}>
      <Icon className={styles.icon} />
      <div>
        <p className={styles.name}>{STREAM_NAMES[outcome.stream]}</p>
        <p className={styles.figures}>{figuresOf(outcome)}</p>
        {technical && (
          <p className={styles.technical} translate="no">
            {technical}
          </p>
        )}
        {gaps.length > 0 && (
          <ul className={styles.gaps}>
            {gaps.map((gap) => (
              <li key={gap.from}>{gapWords(gap)}</li>
            ))}
          </ul>
        )}
      </div>
    </li>
  );
}
