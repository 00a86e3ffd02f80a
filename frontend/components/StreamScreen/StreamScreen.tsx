"use client";

import * as m from "framer-motion/m";
import type { ReactNode } from "react";
import { useEntrance } from "../Motion";
import styles from "./StreamScreen.module.css";
import type { StreamScreenProps } from "./types";
import { usePinch } from "./usePinch";

const BELOW = { opacity: 0, y: 24, scale: 0.97 };

function Cover({ children }: { children: ReactNode }) {
  const entrance = useEntrance(BELOW);
  return (
    <m.section
      className={styles.cover}
      aria-label="Result"
      tabIndex={0}
      initial={entrance}
      animate={{ opacity: 1, y: 0, scale: 1 }}
      transition={{ type: "spring", duration: 0.5, bounce: 0.15 }}
    >
      {children}
    </m.section>
  );
}

/** The page after the permission: where things stand on a phone upright, on its side, and on a wide screen. */
export function StreamScreen(props: StreamScreenProps) {
  const { preview, badges, status, trouble, notices, tools, meters, controls, cover, panel, children } =
    props;
  const pinch = usePinch(props.onPinch);
  return (
    <div className={styles.screen} data-panel={Boolean(panel)}>
      <main
        className={styles.stage}
        data-surface="video"
        data-covered={Boolean(cover)}
        data-pinches={Boolean(props.onPinch)}
        {...pinch}
      >
        <h1 className={styles.title} translate="no">
          Twincast
        </h1>
        <div className={styles.preview}>{preview}</div>
        <div className={styles.layer}>
          <div className={styles.top}>
            {badges && <div className={styles.badges}>{badges}</div>}
            {status && <div className={styles.status}>{status}</div>}
            {trouble && <div className={styles.trouble}>{trouble}</div>}
          </div>
          {notices && <div className={styles.notices}>{notices}</div>}
          {tools && <div className={styles.tools}>{tools}</div>}
          {cover && (
            // it scrolls where it does not fit, and the keyboard must be able to
            <Cover>{cover}</Cover>
          )}
          {meters && <div className={styles.meters}>{meters}</div>}
          {controls && <div className={styles.controls}>{controls}</div>}
        </div>
      </main>
      {panel && (
        <aside
          className={styles.panel}
          data-surface="page"
          aria-labelledby="stream-screen-details"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and with every setting locked nothing in it takes the keyboard
          tabIndex={0}
        >
          <h2 id="stream-screen-details" className={styles.title}>
            Details
          </h2>
          {panel}
        </aside>
      )}
      {children}
    </div>
  );
}
