"use client";

import { AnimatePresence } from "framer-motion";
import * as m from "framer-motion/m";
import { useState, useSyncExternalStore } from "react";
import { derive, type StreamKind, type StreamStatus } from "twincast";
import { STREAM_NAMES } from "@/components/shared/words";
import { CameraIcon, CameraOffIcon, MicIcon, MicOffIcon } from "../icons";
import { useEntrance } from "../Motion";
import { LiveText } from "../shared/LiveText";
import styles from "./ConnectionBadge.module.css";
import { connectionWords } from "./connectionWords";
import type { ConnectionBadgeProps } from "./types";

const SMALL = { opacity: 0, scale: 0.4 };

const DETAILS: Readonly<Record<StreamKind, (status: StreamStatus) => string>> = {
  video: (status) => connectionWords("video", status).detail,
  audio: (status) => connectionWords("audio", status).detail,
};

/**
 * How one stream stands, by the backend's word: a state, and the figure that proves it. Always two lines, so that
 * nothing below ever moves. Changes of state are announced by LiveRegion, not here.
 */
export function ConnectionBadge({ stream, status }: ConnectionBadgeProps) {
  // The first status of its kind: another of the same kind is another figure at most.
  const [ofKind] = useState(() => derive([status], status.get, (a, b) => a.kind === b.kind));
  const shown = useSyncExternalStore(ofKind.subscribe, ofKind.get, ofKind.get);
  const { kind } = shown;
  const { label, detail, technical, tone, Glyph } = connectionWords(stream, shown);
  const entrance = useEntrance(SMALL);
  const absent = kind === "absent";
  const Media = stream === "video" ? (absent ? CameraOffIcon : CameraIcon) : absent ? MicOffIcon : MicIcon;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form controls
    <div
      role="group"
      aria-label={`${STREAM_NAMES[stream]} connection`}
      className={styles.badge}
      data-stream={stream}
      data-state={kind}
      data-tone={tone}
      title={technical}
    >
      <Media className={styles.media} />
      <div className={styles.words}>
        <p className={styles.label}>
          <AnimatePresence initial={false} mode="popLayout">
            <m.span
              key={kind}
              className={styles.glyph}
              initial={entrance}
              animate={{ opacity: 1, scale: 1 }}
              exit={{ opacity: 0, scale: 0.4 }}
              transition={{ duration: 0.24 }}
            >
              <Glyph />
            </m.span>
          </AnimatePresence>
          <bdi className={styles.name}>{label}</bdi>
        </p>
        <p className={styles.detail}>
          {hasFigure(kind) ? <LiveText source={status} format={DETAILS[stream]} /> : <bdi>{detail}</bdi>}
        </p>
      </div>
    </div>
  );
}

/** Whether the second line is a figure that goes on changing, and no sentence. */
function hasFigure(kind: StreamStatus["kind"]): boolean {
  switch (kind) {
    case "live":
    case "behind":
    case "reconnecting":
    case "offline":
    case "finishing":
      return true;
    case "idle":
    case "connecting":
    case "no-media":
    case "restarting":
    case "ended":
    case "failed":
    case "discarded":
    case "absent":
      return false;
  }
}
