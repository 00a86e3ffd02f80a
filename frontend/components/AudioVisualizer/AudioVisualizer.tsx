"use client";

import { useCallback, useRef, useState } from "react";
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
  const { Icon, words } = visualizerWords(state);
  const [canvasNumber, setCanvasNumber] = useState(0);
  useMeter({
    source: listens ? source : null,
    root,
    canvas,
    canvasNumber: words ? null : canvasNumber,
    onCanvasLost: useCallback(() => setCanvasNumber((number) => number + 1), []),
  });
  return (
    <div ref={root} className={styles.visualizer} data-state={state.kind} data-clipping="false">
      <Icon className={styles.icon} />
      {words && (
        <div className={styles.words}>
          <p>{words}</p>
          {state.kind === "microphone-missing" && state.canTry && (
            <button type="button" className={styles.button} onClick={onTryAgain}>
              Try again
            </button>
          )}
        </div>
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
        <span className={styles.steps}>
          {STEP_NUMBERS.map((step) => (
            <span key={step} className={styles.step} />
          ))}
        </span>
      </div>
      {!words && <canvas key={canvasNumber} ref={canvas} className={styles.picture} data-part="picture" />}
      {listens && (
        <p className={styles.clip} aria-hidden="true">
          Too loud
        </p>
      )}
    </div>
  );
}
