"use client";

import { useEffect, useRef } from "react";
import type { Source } from "twincast";
import { formatClock } from "../shared/format";
import { LiveText } from "../shared/LiveText";
import styles from "./DimScreen.module.css";

export type DimScreenProps = {
  /** Since Start, ms. */
  elapsedMs: Source<number>;
  onWake: () => void;
};

/** Black over everything, which costs an OLED screen next to nothing. One touch brings the screen back, and does no more. */
export function DimScreen({ elapsedMs, onWake }: DimScreenProps) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus({ preventScroll: true }), []);
  return (
    <button ref={button} type="button" className={styles.dim} data-surface="video" onClick={onWake}>
      <span className={styles.words}>
        <span>Streaming goes on</span>
        <LiveText source={elapsedMs} format={formatClock} />
        <span>Tap to light the screen</span>
      </span>
    </button>
  );
}
