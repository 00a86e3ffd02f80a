"use client";

import { useEffect, useRef, useState } from "react";
import type { Announcement } from "@/components/shared/notification";
import styles from "./LiveRegion.module.css";
import type { LiveRegionProps } from "./types";

/**
 * Says changes of state to people who do not see them. Two regions that are always in the page, because a screen
 * reader does not watch one that arrives together with its words.
 */
export function LiveRegion({ announcement, minIntervalMs = 3000 }: LiveRegionProps) {
  const said = useThrottled(announcement, minIntervalMs);
  return (
    <div className={styles.hidden}>
      <div role="status">{said?.urgency === "status" ? said.message : ""}</div>
      <div role="alert">{said?.urgency === "alert" ? said.message : ""}</div>
    </div>
  );
}

/** The newest announcement, but no sooner than `minIntervalMs` after the one before. An alert does not wait. */
function useThrottled(newest: Announcement | null, minIntervalMs: number): Announcement | null {
  const [said, setSaid] = useState<Announcement | null>(null);
  const saidAt = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    if (!newest) return;
    const wait =
      newest.urgency === "alert" ? 0 : Math.max(0, saidAt.current + minIntervalMs - performance.now());
    const timer = setTimeout(() => {
      saidAt.current = performance.now();
      setSaid(newest);
    }, wait);
    return () => clearTimeout(timer);
  }, [newest, minIntervalMs]);
  return said;
}
