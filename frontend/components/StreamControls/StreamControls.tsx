"use client";

import { useEffect, useState } from "react";
import { DetailsIcon, FlipIcon, MicIcon, MicOffIcon, TorchIcon } from "../icons";
import { cx } from "../shared/cx";
import { noteOf } from "./controlWords";
import { RecordButton } from "./RecordButton";
import styles from "./StreamControls.module.css";
import type { StreamControlsProps } from "./types";

/** The second tap of a double tap on Start is no wish to cancel. */
const CANCEL_AFTER_MS = 1_000;

/** Everything a thumb needs: start and stop in the middle, the rest on both sides of it. */
export function StreamControls(props: StreamControlsProps) {
  const { phase, muted, canFlip, canMute, torch } = props;
  const mayCancel = useMayCancel(phase.kind === "starting");
  const note = noteOf(phase, mayCancel);
  const hasDevices = phase.kind !== "ended" && phase.kind !== "finishing";
  return (
    <div className={styles.controls} data-phase={phase.kind}>
      {note && (
        <p id="stream-controls-note" className={styles.note}>
          {note}
        </p>
      )}
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for form controls */}
      <div className={styles.row} role="group" aria-label="Stream controls">
        <div className={cx(styles.side, styles.before)}>
          {torch !== "none" && hasDevices && (
            <button
              type="button"
              className={styles.button}
              data-on={torch === "on"}
              aria-label={torch === "on" ? "Turn off light" : "Turn on light"}
              onClick={props.onToggleTorch}
            >
              <TorchIcon className={styles.icon} />
            </button>
          )}
          {canMute && hasDevices && (
            <button
              type="button"
              className={styles.button}
              data-on={muted}
              aria-label={muted ? "Unmute microphone" : "Mute microphone"}
              onClick={props.onToggleMute}
            >
              {muted ? <MicOffIcon className={styles.icon} /> : <MicIcon className={styles.icon} />}
            </button>
          )}
          {phase.kind === "finishing" && (
            <button type="button" className={styles.text} onClick={props.onDiscard}>
              Discard the rest
            </button>
          )}
        </div>
        <RecordButton
          phase={phase}
          describedBy={note ? "stream-controls-note" : undefined}
          takesFocus={props.takesFocus ?? false}
          mayCancel={mayCancel}
          onStart={props.onStart}
          onStop={props.onStop}
          onAgain={props.onAgain}
        />
        <div className={cx(styles.side, styles.after)}>
          {canFlip && hasDevices && (
            <button type="button" className={styles.button} aria-label="Switch camera" onClick={props.onFlip}>
              <FlipIcon className={styles.icon} />
            </button>
          )}
          <button
            type="button"
            className={cx(styles.button, styles.details)}
            aria-label="Show details"
            onClick={props.onOpenDetails}
          >
            <DetailsIcon className={styles.icon} />
          </button>
        </div>
      </div>
    </div>
  );
}

function useMayCancel(isStarting: boolean): boolean {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    if (!isStarting) return;
    const timer = setTimeout(() => setLate(true), CANCEL_AFTER_MS);
    return () => {
      clearTimeout(timer);
      setLate(false);
    };
  }, [isStarting]);
  return isStarting && isLate;
}
