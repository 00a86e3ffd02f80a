import { AlertIcon } from "../icons";
import styles from "./BackendNotice.module.css";
import type { BackendNoticeProps, BackendProblem } from "./types";

/** Says, before anything is recorded, that it could not be sent, and what to check. */
export function BackendNotice({ problem, address, onRetry }: BackendNoticeProps) {
  const { title, checks } = wordsFor(problem, address);
  return (
    <section className={styles.notice} role="alert" data-problem={problem.kind}>
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

function wordsFor(problem: BackendProblem, address: string): { title: string; checks: string[] } {
  switch (problem.kind) {
    case "silent":
      return {
        title: `The backend at ${address} does not answer`,
        checks: [
          "Is this device online? Open another page to see.",
          "Is the backend running? Its address followed by /health should show a short text.",
          "Does its address begin with https:// when this page's does?",
        ],
      };
    case "not-a-backend":
      return {
        title: `${address} is not a Twincast backend`,
        checks: ["Whoever runs this page: set BACKEND_URL to the backend's https:// address and restart."],
      };
    case "refuses-origin":
      return {
        title: `The backend at ${address} does not take streams from this page`,
        checks: [`Whoever runs the backend: add ${problem.origin} to ALLOWED_ORIGINS and restart.`],
      };
  }
}
