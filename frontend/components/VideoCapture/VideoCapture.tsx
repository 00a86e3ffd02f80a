"use client";

import { useEffect, useRef, useState } from "react";
import { captureWords } from "./captureWords";
import type { VideoCaptureProps } from "./types";
import styles from "./VideoCapture.module.css";

/** What the camera sees, filling its place. Sending does not depend on whether the preview plays. */
export function VideoCapture({
  state,
  stream,
  mirrored,
  fit = "fill",
  onResume,
  onElement,
}: VideoCaptureProps) {
  const video = useRef<HTMLVideoElement>(null);
  const [needsTap, setNeedsTap] = useState(false);

  useEffect(() => {
    const element = video.current;
    if (!element) return;
    element.srcObject = stream;
    setNeedsTap(false);
    if (!stream) return;
    // Not `autoplay`: under Low Power Mode Safari shows a play button of its own over such a video.
    element.play().catch((error: unknown) => {
      // AbortError: another stream took its place, and plays by its own call
      if (error instanceof DOMException && error.name === "NotAllowedError") setNeedsTap(true);
    });
    return () => {
      element.srcObject = null;
    };
  }, [stream]);

  useEffect(() => {
    onElement?.(video.current);
    return () => onElement?.(null);
  }, [onElement]);

  const words = captureWords(state);
  const dimmed = state.kind !== "live";
  return (
    <div className={styles.capture} data-state={state.kind}>
      {/* Never display: none, which pauses a video on iOS. */}
      <video
        ref={video}
        className={styles.video}
        data-mirrored={mirrored}
        data-fit={fit}
        data-dimmed={dimmed}
        playsInline
        muted
        aria-label={mirrored ? "Camera preview, mirrored" : "Camera preview"}
      />
      {words && (
        <div className={styles.notice}>
          <words.Icon className={styles.icon} />
          <p className={styles.title}>{words.title}</p>
          <p className={styles.detail}>{words.detail}</p>
          {words.action && (
            <button type="button" className={styles.button} onClick={onResume}>
              {words.action}
            </button>
          )}
        </div>
      )}
      {!words && needsTap && (
        <div className={styles.notice}>
          <button
            type="button"
            className={styles.button}
            onClick={() => {
              setNeedsTap(false);
              video.current?.play().catch(() => setNeedsTap(true));
            }}
          >
            Show preview
          </button>
        </div>
      )}
    </div>
  );
}
