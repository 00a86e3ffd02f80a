import { SessionSummary } from "../SessionSummary";
import styles from "./LeftoverNotice.module.css";
import { leftoverWords, results, whichSession } from "./leftoverWords";
import type { LeftoverNoticeProps } from "./types";

/** Says that media of a session whose page is gone are still here, and what becomes of them. */
export function LeftoverNotice({ leftover, isStrip = false, onDiscard }: LeftoverNoticeProps) {
  const { title, lines, action } = leftoverWords(leftover);
  const isSummary = leftover.kind === "over" && !isStrip;
  return (
    <section
      className={styles.notice}
      aria-label="Earlier session"
      data-leftover={leftover.kind}
      data-strip={isStrip}
    >
      {isSummary ? (
        <>
          <SessionSummary durationMs={leftover.durationMs} streams={results(leftover)} />
          <p className={styles.which}>{whichSession(leftover)}</p>
        </>
      ) : (
        <div className={styles.text} role="status">
          <h2 className={styles.title}>{title}</h2>
          {(isStrip ? lines.slice(0, 1) : lines).map((line) => (
            <p key={line} className={styles.line}>
              {line}
            </p>
          ))}
        </div>
      )}
      {action && (
        <button type="button" className={styles.action} onClick={onDiscard}>
          {action}
        </button>
      )}
    </section>
  );
}
