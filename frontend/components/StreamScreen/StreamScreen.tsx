import { TwincastMark } from "../icons/TwincastMark";
import styles from "./StreamScreen.module.css";
import type { StreamScreenProps } from "./types";

/** The page in every phase: where things stand on a phone upright, on its side, and on a wide screen. */
export function StreamScreen(props: StreamScreenProps) {
  const { preview, badges, status, meters, controls, gate, cover, panel, children } = props;
  if (gate)
    return (
      <div className={styles.gatePage} data-surface="page">
        <main className={styles.gate}>
          <p className={styles.brand}>
            <TwincastMark className={styles.mark} />
            Twincast
          </p>
          {gate}
        </main>
        {children}
      </div>
    );
  return (
    <div className={styles.screen} data-panel={Boolean(panel)}>
      <main className={styles.stage} data-surface="video" data-covered={Boolean(cover)}>
        <h1 className={styles.title}>Twincast</h1>
        <div className={styles.preview}>{preview}</div>
        <div className={styles.top}>
          {badges && <div className={styles.badges}>{badges}</div>}
          {status && <div className={styles.status}>{status}</div>}
        </div>
        {cover && (
          // it scrolls where it does not fit, and the keyboard must be able to
          // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
          <section className={styles.cover} aria-label="Result" tabIndex={0}>
            {cover}
          </section>
        )}
        {meters && <div className={styles.meters}>{meters}</div>}
        {controls && <div className={styles.controls}>{controls}</div>}
      </main>
      {panel && (
        <aside className={styles.panel} data-surface="page" aria-labelledby="stream-screen-details">
          <h2 id="stream-screen-details" className={styles.title}>
            Details
          </h2>
          {panel}
        </aside>
      )}
      {children}
    </div>
  );
}
