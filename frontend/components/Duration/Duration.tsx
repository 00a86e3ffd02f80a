"use client";

import { formatClock } from "../shared/format";
import { LiveText } from "../shared/LiveText";
import styles from "./Duration.module.css";
import type { DurationProps } from "./types";

/** Elapsed time. `role="timer"` is silent by definition: nobody wants a clock read out each second. */
export function Duration({ elapsedMs, recording }: DurationProps) {
  return (
    <div role="timer" aria-label="Elapsed time" className={styles.duration} data-recording={recording}>
      {recording && <span className={styles.dot} aria-hidden="true" />}
      {typeof elapsedMs === "number" ? (
        <bdi translate="no">{formatClock(elapsedMs)}</bdi>
      ) : (
        <LiveText source={elapsedMs} format={formatClock} />
      )}
    </div>
  );
}
