"use client";

import { useEffect, useRef } from "react";
import { follow } from "../shared/follow";
import styles from "./Sparkline.module.css";
import { sparklinePath } from "./sparklinePath";
import type { SparklineProps } from "./types";

/** A minute of one figure, as a line. Written to the SVG without a render; decoration beside the figure itself. */
export function Sparkline({ series, ceiling, label }: SparklineProps) {
  const line = useRef<SVGPathElement>(null);
  const area = useRef<SVGPathElement>(null);
  useEffect(
    () =>
      follow(series, (samples) => {
        const path = sparklinePath(samples, ceiling);
        line.current?.setAttribute("d", path.line);
        area.current?.setAttribute("d", path.area);
      }),
    [series, ceiling],
  );
  return (
    <svg
      className={styles.sparkline}
      viewBox="0 0 100 24"
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <path className={styles.base} d="M0 23.5H100" vectorEffect="non-scaling-stroke" />
      <path ref={area} className={styles.area} />
      <path ref={line} className={styles.line} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
