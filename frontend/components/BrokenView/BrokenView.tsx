import styles from "./BrokenView.module.css";
import { BEHIND_WORDS } from "./brokenWords";
import type { BrokenViewProps } from "./types";

/** Stands in for a view that failed. It is as plain as can be, so that it does not fail too: no animation, no icons. */
export function BrokenView({ behind, technical, ...events }: BrokenViewProps) {
  return (
    <main className={styles.page} data-surface="page" data-behind={behind}>
      <div className={styles.words} role="alert">
        <h1 className={styles.title}>The page's view broke</h1>
        <p>{BEHIND_WORDS[behind]}</p>
        <p className={styles.technical}>{technical}</p>
      </div>
      <div className={styles.actions}>
        {behind === "streaming" && (
          <button type="button" className={styles.stop} onClick={events.onStop}>
            Stop streaming
          </button>
        )}
        <button type="button" className={styles.button} onClick={events.onShowAgain}>
          Show the page again
        </button>
        {behind === "finishing" && (
          <button type="button" className={styles.button} onClick={events.onDiscard}>
            Discard the rest
          </button>
        )}
        {behind === "nothing" && (
          <button type="button" className={styles.button} onClick={events.onReload}>
            Load the page again
          </button>
        )}
      </div>
    </main>
  );
}
