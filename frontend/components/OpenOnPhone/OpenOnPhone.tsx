import styles from "./OpenOnPhone.module.css";
import type { PhoneAddress } from "./types";

/** On a computer's first screen: the way to the phone, whose camera is the better one. */
export function OpenOnPhone({ url, path, size }: PhoneAddress) {
  return (
    <aside className={styles.way} aria-label="Open this on your phone">
      <svg
        className={styles.code}
        viewBox={`0 0 ${size} ${size}`}
        role="img"
        aria-label={`QR code of ${url}`}
      >
        <path d={path} shapeRendering="crispEdges" />
      </svg>
      <div className={styles.words}>
        <p className={styles.title}>Open this on your phone</p>
        <p className={styles.says}>Scan the code with its camera. The link:</p>
        <p className={styles.link} translate="no">
          {url}
        </p>
      </div>
    </aside>
  );
}
