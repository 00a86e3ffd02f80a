import { TwincastMark } from "../icons/TwincastMark";
import styles from "./PermissionScreen.module.css";
import type { PermissionScreenProps } from "./types";

/** The page until there is a camera or a microphone. It moves nothing, so that it needs no animation code to appear. */
export function PermissionScreen({ notice, gate, aside, notices }: PermissionScreenProps) {
  return (
    <div className={styles.page} data-surface="page">
      <main className={styles.content}>
        <p className={styles.brand}>
          <TwincastMark className={styles.mark} />
          <span translate="no">Twincast</span>
        </p>
        {notice}
        <div className={styles.gate}>{gate}</div>
        {aside && <div className={styles.aside}>{aside}</div>}
      </main>
      {notices && <div className={styles.notices}>{notices}</div>}
    </div>
  );
}
