import type { ReactNode } from "react";
import styles from "./OnPicture.module.css";

/** What stands over the camera's picture, shown over the two worst pictures for it: snow and night. */
export function OnPicture({ children, width = 22 }: { children: ReactNode; width?: number }) {
  return (
    <div className={styles.picture} data-surface="video">
      <div className={styles.content} style={{ maxInlineSize: `${width}rem` }}>
        {children}
      </div>
    </div>
  );
}
