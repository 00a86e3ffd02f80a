import { AlertIcon } from "../icons";
import styles from "./BackendNotice.module.css";
import { backendWords } from "./backendWords";
import type { BackendNoticeProps } from "./types";

/** Says, before anything is recorded, that it could not be sent, and what to check. */
export function BackendNotice({ problem, address, pageOrigin, onRetry }: BackendNoticeProps) {
  const { title, checks } = backendWords(problem, address, pageOrigin);
  return (
    <section className={styles.notice} role="alert" data-problem={problem}>
      <h2 className={styles.title}>
        <AlertIcon className={styles.icon} />
        <span>{title}</span>
      </h2>
      <ul className={styles.checks}>
        {checks.map((check) => (
          <li key={check}>{check}</li>
        ))}
      </ul>
      <button type="button" className={styles.retry} onClick={onRetry}>
        Check again
      </button>
    </section>
  );
}
