import type { ReactNode } from "react";
import styles from "./OnPage.module.css";

/** What stands on the page's own ground. */
export function OnPage({ children, width = 27 }: { children: ReactNode; width?: number }) {
  return (
    <div className={styles.page} data-surface="page">
      <div style={{ maxInlineSize: `${width}rem` }} className={styles.content}>
        {children}
      </div>
    </div>
  );
}
