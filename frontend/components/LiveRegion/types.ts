import type { Announcement } from "@/components/shared/notification";

export type LiveRegionProps = {
  /** The newest one; null before the first. A new object is a new announcement, even with the same words. */
  announcement: Announcement | null;
  /** The shortest time between two announcements; between them the newest waits. Default 3000 ms. */
  minIntervalMs?: number;
};
