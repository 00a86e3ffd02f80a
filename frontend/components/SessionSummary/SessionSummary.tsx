import { AlertIcon, CameraIcon, CheckIcon, MicIcon } from "../icons";
import { formatBytes, formatClock, formatCount, formatSeconds, spellDuration } from "../shared/format";
import type { Gap } from "../shared/types";
import styles from "./SessionSummary.module.css";
import type { SessionSummaryProps, StreamOutcome } from "./types";
import { verdictOf } from "./verdict";

const NAME = { video: "Video", audio: "Audio" } as const;

const GAP_REASONS: Record<Gap["reason"], string> = {
  "outbox-full": "the phone could keep no more",
  "too-far-behind": "skipped to stay live",
  "too-large": "refused for its size",
  "worker-lost": "lost when the system ended a part of this page",
};

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

function Outcome({ outcome }: { outcome: StreamOutcome }) {
  const Icon = outcome.stream === "video" ? CameraIcon : MicIcon;
  const gaps = outcome.kind === "ended" ? outcome.gaps : [];
  return (
    <li className={styles.stream} data-stream={outcome.stream} data-state={outcome.kind}>
      <Icon className={styles.icon} />
      <div>
        <p className={styles.name}>{NAME[outcome.stream]}</p>
        <p className={styles.figures}>{figuresOf(outcome)}</p>
        {gaps.length > 0 && (
          <ul className={styles.gaps}>
            {gaps.map((gap) => (
              <li key={gap.from}>
                {formatSeconds(gap.ms)} missing: {GAP_REASONS[gap.reason]}
              </li>
            ))}
          </ul>
        )}
      </div>
    </li>
  );
}

function figuresOf(outcome: StreamOutcome): string {
  switch (outcome.kind) {
    case "ended":
      return `${formatBytes(outcome.bytes)} in ${formatCount(outcome.chunks, "chunk")}, ${VERIFIED[outcome.verified]}`;
    case "failed":
      return `${outcome.message} (${outcome.code})`;
    case "discarded":
      return `${formatBytes(outcome.leftBytes)} discarded before they were sent`;
    case "absent":
      return outcome.stream === "video" ? "No camera, so no video" : "No microphone, so no audio";
  }
}

const VERIFIED = {
  all: "verified",
  partly: "partly verified",
  mismatch: "does not match",
} as const;
