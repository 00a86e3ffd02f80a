import { AlertIcon } from "../icons";
import styles from "./BackendNotice.module.css";
import { backendWords } from "./backendWords";
import type { BackendNoticeProps } from "./types";

/** Says that what is recorded cannot be sent, or is not sent yet, and what to check. */
export function BackendNotice(props: BackendNoticeProps) {
  const { trouble, address, healthUrl, pageOrigin, isStrip = false, onRetry } = props;
  const { title, checks, hasHealthLink, canRetry } = backendWords(trouble, address, pageOrigin);
  return (
    <section className={styles.notice} role="alert" data-problem={trouble.kind} data-strip={isStrip}>
      <h2 className={styles.title}>
        <AlertIcon className={styles.icon} />
        <span>{title}</span>
      </h2>
      <ul className={styles.checks}>
        {(isStrip ? checks.slice(0, 1) : checks).map((check) => (
          <li key={check}>{check}</li>
        ))}
      </ul>
      {(canRetry || hasHealthLink) && (
        <p className={styles.actions}>
          {canRetry && (
            <button type="button" className={styles.retry} onClick={onRetry}>
              Check again
            </button>
          )}
          {hasHealthLink && (
            <a className={styles.link} href={healthUrl} target="_blank" rel="noreferrer">
              Open its health page
            </a>
          )}
        </p>
      )}
    </section>
  );
}
