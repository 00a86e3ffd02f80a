"use client";

import { useRef } from "react";
import styles from "./AudioVisualizer.module.css";
import type { AudioVisualizerProps } from "./types";
import { STEPS, useMeter } from "./useMeter";
import { visualizerWords } from "./visualizerWords";

const STEP_NUMBERS = Array.from({ length: STEPS }, (_, index) => index + 1);

/** What the microphone hears: level with held peak, the last seconds as a waveform, and a warning in words. */
export function AudioVisualizer({ source, state, onTryAgain }: AudioVisualizerProps) {
  const root = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const listens = state.kind === "listening" || state.kind === "silent";
  useMeter({ source: listens ? source : null, root, canvas });
  const { Icon, words } = visualizerWords(state);
  return (
    <div ref={root} className={styles.visualizer} data-state={state.kind} data-clipping="false">
      <Icon className={styles.icon} />
      {words ? (
        <div className={styles.words}>
          <p>{words}</p>
          {state.kind === "microphone-missing" && state.canTry && (
            <button type="button" className={styles.button} onClick={onTryAgain}>
              Try again
            </button>
          )}
        </div>
      ) : (
        <canvas ref={canvas} className={styles.waveform} />
      )}
      {/* Not the native element: it cannot show a held peak. */}
      {/* biome-ignore lint/a11y/useSemanticElements: see above */}
      <div
        role="meter"
        className={styles.meter}
        aria-label="Microphone level"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={0}
        aria-valuetext={words ?? "Silent"}
        data-part="meter"
      >
        <span className={styles.level} data-part="level" />
        <span className={styles.peak} data-part="peak" />
        <span className={styles.steps}>
          {STEP_NUMBERS.map((step) => (
            <span key={step} className={styles.step} />
          ))}
        </span>
      </div>
      {listens && (
        <p className={styles.clip} aria-hidden="true">
          Too loud
        </p>
      )}
    </div>
  );
}
