"use client";

import { STREAM_NAMES } from "@/components/shared/words";
import { CameraIcon, MicIcon } from "../icons";
import { Sparkline } from "../Sparkline";
import { formatRate } from "../shared/format";
import { LiveText } from "../shared/LiveText";
import styles from "./DataRate.module.css";
import type { DataRateProps } from "./types";

/** The line's full height, kB/s: somewhat above what the balanced preset sends. */
const CEILING_KBPS = { video: 250, audio: 10 } as const;

/** What of one stream reaches the backend each second. */
export function DataRate({ stream, source, series }: DataRateProps) {
  const Icon = stream === "video" ? CameraIcon : MicIcon;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form controls
    <div
      role="group"
      aria-label={`${STREAM_NAMES[stream]} data rate`}
      className={styles.rate}
      data-stream={stream}
    >
      <Icon className={styles.icon} />
      <LiveText source={source} format={formatRate} className={styles.figure} />
      {series && (
        <div className={styles.line}>
          <Sparkline
            series={series}
            ceiling={CEILING_KBPS[stream]}
            label={`${STREAM_NAMES[stream]} data rate, last minute`}
          />
        </div>
      )}
    </div>
  );
}
