"use client";

import styles from "./BrokenView.module.css";

/** The page's last word, where nothing of it is left: its session was closed with it. */
export function PageBroke({ technical }: { technical: string }) {
  return (
    <main className={styles.page} data-surface="page">
      <div className={styles.words} role="alert">
        <h1 className={styles.title}>This page broke</h1>
        <p>Nothing is recorded or sent any more. What the backend acknowledged until now, it keeps.</p>
        <p className={styles.technical}>{technical}</p>
      </div>
      <div className={styles.actions}>
        <button type="button" className={styles.button} onClick={() => location.reload()}>
          Load the page again
        </button>
      </div>
    </main>
  );
}
