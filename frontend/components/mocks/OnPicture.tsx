import type { ReactNode } from "react";
import styles from "./OnPicture.module.css";

/** What stands over the camera's picture, shown over a picture that is white where it is worst for it. */
export function OnPicture({ children, width = 22 }: { children: ReactNode; width?: number }) {
  return (
    <div className={styles.picture} data-surface="video">
      <div className={styles.content} style={{ maxInlineSize: `${width}rem` }}>
        {children}
      </div>
    </div>
  );
}
