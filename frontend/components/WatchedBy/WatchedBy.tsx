import { EyeIcon } from "../icons";
import styles from "./WatchedBy.module.css";

/** Says that somebody sees and hears what this phone sends, at the backend. Nothing while nobody does. */
export function WatchedBy({ viewers }: { viewers: number }) {
  return (
    // The element stays, so that screen readers hear when its words come.
    <p className={styles.sign} role="status" data-viewers={viewers}>
      {viewers > 0 && (
        <>
          <EyeIcon className={styles.eye} />
          <bdi>{viewers === 1 ? "1 viewer" : `${viewers} viewers`}</bdi>
        </>
      )}
    </p>
  );
}
