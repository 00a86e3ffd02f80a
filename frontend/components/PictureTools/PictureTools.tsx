"use client";

import { useState } from "react";
import { DimIcon, FillIcon, WholeIcon, ZoomIcon } from "../icons";
import styles from "./PictureTools.module.css";
import type { PictureToolsProps } from "./types";

/** Beside the picture: how it is shown here, and how near the camera brings things. Nothing of it changes what is kept. */
export function PictureTools({ fit, onFit, zoom, onZoom, onDim }: PictureToolsProps) {
  const [isZooming, setZooming] = useState(false);
  const isWhole = fit === "whole";
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form controls
    <div className={styles.tools} role="group" aria-label="Picture">
      {zoom && isZooming && (
        <div className={styles.zoom}>
          <input
            type="range"
            className={styles.range}
            aria-label="Zoom"
            aria-valuetext={times(zoom.value)}
            min={zoom.min}
            max={zoom.max}
            step={zoom.step}
            value={zoom.value}
            onChange={(event) => onZoom(event.target.valueAsNumber)}
          />
        </div>
      )}
      {zoom && (
        <button
          type="button"
          className={styles.tool}
          aria-label={`Zoom, ${times(zoom.value)}`}
          aria-expanded={isZooming}
          onClick={() => setZooming(!isZooming)}
        >
          <ZoomIcon className={styles.icon} />
          <bdi translate="no">{times(zoom.value)}</bdi>
        </button>
      )}
      {onDim && (
        <button type="button" className={styles.tool} aria-label="Dim the screen" onClick={onDim}>
          <DimIcon className={styles.icon} />
          <span>Dim</span>
        </button>
      )}
      <button
        type="button"
        className={styles.tool}
        aria-label={
          isWhole
            ? "As sent: fill the screen with the picture"
            : "Cropped: show the whole picture, as it is sent"
        }
        onClick={() => onFit(isWhole ? "fill" : "whole")}
      >
        {isWhole ? <WholeIcon className={styles.icon} /> : <FillIcon className={styles.icon} />}
        <span>{isWhole ? "As sent" : "Cropped"}</span>
      </button>
    </div>
  );
}

const times = (value: number) => `${value.toFixed(1).replace(/\.0$/, "")}×`;
