"use client";

import * as m from "framer-motion/m";
import { useEffect, useRef } from "react";
import { AgainIcon } from "../icons";
import { CANCEL_NAME, RECORD_NAMES } from "./controlWords";
import styles from "./RecordButton.module.css";
import type { Phase } from "./types";

type RecordButtonProps = {
  phase: Phase;
  describedBy: string | undefined;
  takesFocus: boolean;
  /** A start takes long: pressing ends it. */
  mayCancel: boolean;
  onStart: () => void;
  onStop: () => void;
  onAgain: () => void;
};

/**
 * The one big button. Its name changes with what it does; `aria-pressed` would leave open whether it says what is
 * or what will be. While it can do nothing it is `aria-disabled`, not `disabled`, so that focus is not lost.
 */
export function RecordButton({
  phase,
  describedBy,
  takesFocus,
  mayCancel,
  onStart,
  onStop,
  onAgain,
}: RecordButtonProps) {
  const act = actionOf(phase, mayCancel, { onStart, onStop, onAgain });
  const uploaded =
    phase.kind === "finishing" && phase.upload === "sending"
      ? shareDone(phase.leftBytes, phase.totalBytes)
      : null;
  const button = useRef<HTMLButtonElement>(null);
  const shown = useRef(takesFocus ? null : phase.kind);
  useEffect(() => {
    if (shown.current === phase.kind) return;
    shown.current = phase.kind;
    // What was pressed is gone from the page: this is what comes next.
    if (document.activeElement === document.body) button.current?.focus({ preventScroll: true });
  }, [phase.kind]);
  return (
    <button
      type="button"
      ref={button}
      className={styles.record}
      data-phase={phase.kind}
      aria-label={mayCancel ? CANCEL_NAME : RECORD_NAMES[phase.kind]}
      aria-describedby={describedBy}
      aria-disabled={act === null}
      onClick={() => act?.()}
    >
      <svg className={styles.ring} viewBox="0 0 80 80" aria-hidden="true">
        <circle className={styles.track} cx="40" cy="40" r="37.5" pathLength="1" />
        {phase.kind === "starting" && (
          <circle className={styles.turning} cx="40" cy="40" r="37.5" pathLength="1" />
        )}
        {uploaded !== null && (
          <circle
            className={styles.progress}
            cx="40"
            cy="40"
            r="37.5"
            pathLength="1"
            strokeDasharray={`${uploaded} 1`}
          />
        )}
      </svg>
      {phase.kind === "ended" ? (
        <AgainIcon className={styles.again} />
      ) : (
        <m.span
          className={styles.core}
          initial={false}
          animate={CORE[mayCancel ? "live" : phase.kind]}
          transition={{ type: "spring", duration: 0.36, bounce: 0.15 }}
        />
      )}
    </button>
  );
}

/** Circle to square, as on every camera. The sizes are shares of the button's own. */
const CORE = {
  ready: { width: "80%", height: "80%", borderRadius: "50%" },
  starting: { width: "64%", height: "64%", borderRadius: "50%" },
  live: { width: "40%", height: "40%", borderRadius: "22%" },
  finishing: { width: "32%", height: "32%", borderRadius: "22%" },
} as const;

function actionOf(
  phase: Phase,
  mayCancel: boolean,
  events: Pick<RecordButtonProps, "onStart" | "onStop" | "onAgain">,
): (() => void) | null {
  switch (phase.kind) {
    case "ready":
      return events.onStart;
    case "live":
      return events.onStop;
    case "ended":
      return events.onAgain;
    case "starting":
      return mayCancel ? events.onStop : null;
    case "finishing":
      return null;
  }
}

function shareDone(leftBytes: number, totalBytes: number): number {
  if (totalBytes <= 0) return 0;
  return Math.min(1, Math.max(0, 1 - leftBytes / totalBytes));
}
