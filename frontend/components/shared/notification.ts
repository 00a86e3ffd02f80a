import type { StreamKind } from "twincast";

/** What is worth telling a person when something changes: a toast, and a sentence for screen readers. */
export interface Notification {
  readonly tone: NotificationTone;
  readonly title: string;
  readonly detail?: string;
  readonly urgency: Urgency;
  /** Which stream it is about; the title begins with its name. */
  readonly stream?: StreamKind;
  /** A newer one of the same subject and stream takes its place; without it, one of the same title. */
  readonly subject?: string;
}

export type NotificationTone = "info" | "good" | "warning" | "problem";

/** `alert` only where media is at risk; it interrupts the screen reader. */
type Urgency = "status" | "alert";

/** A change of state in one sentence, for people who do not see it. */
export interface Announcement {
  readonly message: string;
  readonly urgency: Urgency;
}
