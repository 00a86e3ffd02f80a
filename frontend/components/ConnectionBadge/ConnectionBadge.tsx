"use client";

import { AnimatePresence } from "framer-motion";
import * as m from "framer-motion/m";
import { useEffect, useState } from "react";
import type { StreamStatus } from "@/model/stream";
import { STREAM_NAMES } from "@/model/words";
import { CameraIcon, CameraOffIcon, MicIcon, MicOffIcon } from "../icons";
import { useEntrance } from "../Motion";
import styles from "./ConnectionBadge.module.css";
import { connectionWords, retryWords } from "./connectionWords";
import type { ConnectionBadgeProps } from "./types";

const SMALL = { opacity: 0, scale: 0.4 };

/** How one stream stands, by the backend's word. Changes of state are announced by LiveRegion, not here. */
export function ConnectionBadge({ stream, status, nowMs }: ConnectionBadgeProps) {
  const { label, detail, technical, tone, Glyph } = connectionWords(stream, status);
  const entrance = useEntrance(SMALL);
  const absent = status.kind === "absent";
  const Media = stream === "video" ? (absent ? CameraOffIcon : CameraIcon) : absent ? MicOffIcon : MicIcon;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form controls
    <div
      role="group"
      aria-label={`${STREAM_NAMES[stream]} connection`}
      className={styles.badge}
      data-stream={stream}
      data-state={status.kind}
      data-tone={tone}
    >
      <Media className={styles.media} />
      <div className={styles.words}>
        <p className={styles.label}>
          <AnimatePresence initial={false} mode="popLayout">
            <m.span
              key={status.kind}
              className={styles.glyph}
              initial={entrance}
              animate={{ opacity: 1, scale: 1 }}
              exit={{ opacity: 0, scale: 0.4 }}
              transition={{ duration: 0.24 }}
            >
              <Glyph />
            </m.span>
          </AnimatePresence>
          <bdi>{label}</bdi>
        </p>
        <p className={styles.detail}>
          {status.kind === "reconnecting" ? <Countdown status={status} nowMs={nowMs} /> : <bdi>{detail}</bdi>}
        </p>
        {technical && (
          <p className={styles.technical} translate="no">
            {technical}
          </p>
        )}
      </div>
    </div>
  );
}

type Reconnecting = Extract<StreamStatus, { kind: "reconnecting" }>;

/** Seconds to the next try; a leaf of its own, so that its ticking renders nothing else. */
function Countdown({ status, nowMs }: { status: Reconnecting; nowMs: () => number }) {
  const { attempt, retryAtMs, keptMs } = status;
  const [leftS, setLeftS] = useState(0);
  useEffect(() => {
    if (retryAtMs === null) return;
    const tick = () => setLeftS(Math.max(0, Math.ceil((retryAtMs - nowMs()) / 1000)));
    tick();
    const timer = setInterval(tick, 250);
    return () => clearInterval(timer);
  }, [retryAtMs, nowMs]);
  return <bdi>{retryWords(attempt, retryAtMs === null ? 0 : leftS, keptMs)}</bdi>;
}
