"use client";

import { useEffect, useRef } from "react";
import { follow } from "../shared/follow";
import { formatClock } from "../shared/format";
import { LiveText } from "../shared/LiveText";
import styles from "./Duration.module.css";
import type { DurationProps } from "./types";

/** Elapsed time. `role="timer"` is silent by definition: nobody wants a clock read out each second. */
export function Duration({ elapsedMs, recording }: DurationProps) {
  const dot = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (!recording || typeof elapsedMs === "number") return;
    // With the seconds, in the frame that writes them: an animation has the whole screen drawn sixty times a second.
    return follow(elapsedMs, (ms) => {
      const lit = String(Math.floor(ms / 1000) % 2 === 0);
      if (dot.current && dot.current.dataset.lit !== lit) dot.current.dataset.lit = lit;
    });
  }, [elapsedMs, recording]);
  return (
    <div role="timer" aria-label="Elapsed time" className={styles.duration} data-recording={recording}>
      {recording && <span ref={dot} className={styles.dot} aria-hidden="true" />}
      {typeof elapsedMs === "number" ? (
        <bdi translate="no">{formatClock(elapsedMs)}</bdi>
      ) : (
        <LiveText source={elapsedMs} format={formatClock} />
      )}
    </div>
  );
}
