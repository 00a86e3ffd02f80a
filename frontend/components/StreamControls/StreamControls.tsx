"use client";

import { DetailsIcon, FlipIcon, MicIcon, MicOffIcon, TorchIcon } from "../icons";
import { cx } from "../shared/cx";
import { noteOf } from "./controlWords";
import { RecordButton } from "./RecordButton";
import styles from "./StreamControls.module.css";
import type { StreamControlsProps } from "./types";

/** Everything a thumb needs: start and stop in the middle, the rest on both sides of it. */
export function StreamControls(props: StreamControlsProps) {
  const { phase, muted, canFlip, canMute, torch } = props;
  const note = noteOf(phase);
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
