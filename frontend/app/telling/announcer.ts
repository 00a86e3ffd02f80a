/** What the page tells a person of a session: notifications to be read, and sentences to be heard. */

import { type Session, type SessionEvent, Store } from "twincast";
import type { Announcement, Notification } from "@/components/shared/notification";
import {
  eventNotification,
  linkNotification,
  mergeNotifications,
  phaseSentence,
  STARTED_SENTENCE,
  spoken,
  type Told,
  withNewest,
} from "./notifications";

/** What both streams tell within this time is told once. */
const TOGETHER_MS = 2_000;
/** So long a sentence for screen readers waits for another one to be said with it. */
const SPEAK_AFTER_MS = 700;

/** What of a session is told. */
export type Heard = Pick<Session, "events" | "phase" | "now"> & {
  readonly video: Pick<Session["video"], "status">;
  readonly audio: Pick<Session["audio"], "status">;
};

/** Calls once after so many milliseconds. @returns what takes it back. */
export type After = (delayMs: number, call: () => void) => () => void;

const timeout: After = (delayMs, call) => {
  const timer = setTimeout(call, delayMs);
  return () => clearTimeout(timer);
};

export class Announcer {
  /** Oldest first; the page decides for how long each is shown. */
  readonly notifications = new Store<readonly Told[]>([]);
  /** The newest change of state in one sentence, for people who do not see it. */
  readonly announcement = new Store<Announcement | null>(null);
  readonly #session: Heard;
  readonly #after: After;
  #count = 0;
  #unspoken: readonly Notification[] = [];
  #cancelSpeaking: () => void = () => {};
  #toldAt = Number.NEGATIVE_INFINITY;

  /** Hears the session from now on, for as long as there is one. */
  constructor(session: Heard, after: After = timeout) {
    this.#session = session;
    this.#after = after;
    session.events.subscribe((event) => this.#hear(event));
    session.phase.subscribe(() => this.#sayPhase());
  }

  /** The person asked for this page's address, to open it elsewhere. */
  tellCopied(isCopied: boolean): void {
    // Of a session that is over the summary tells.
    if (this.#session.phase.get().kind !== "ended") this.#tell(linkNotification(isCopied));
  }

  dismiss(id: string): void {
    this.notifications.update((list) => list.filter((notification) => notification.id !== id));
  }

  #hear(event: SessionEvent): void {
    if (event.kind === "over") this.#forget();
    else if (event.kind === "first-acknowledged") this.#say(STARTED_SENTENCE);
    else {
      const notification = eventNotification(event);
      if (notification) this.#tell(notification);
    }
  }

  #sayPhase(): void {
    const { phase, video, audio } = this.#session;
    const message = phaseSentence(phase.get(), [video.status.get(), audio.status.get()]);
    if (message) this.#say(message);
  }

  #tell(notification: Notification): void {
    const now = this.#session.now();
    const before = this.notifications.get().at(-1);
    const merged =
      before && now - this.#toldAt < TOGETHER_MS ? mergeNotifications(before, notification) : null;
    this.#toldAt = now;
    this.#speak(notification);
    const told = { ...(merged ?? notification), id: String(++this.#count) };
    this.notifications.update((list) => withNewest(merged ? list.slice(0, -1) : list, told));
  }

  /** A sentence that is heard and not shown: the screen says it in its own way. */
  #say(message: string): void {
    this.announcement.set({ message, urgency: "status" });
  }

  /** Takes back what was told, and what waits to be said. */
  #forget(): void {
    this.#cancelSpeaking();
    this.#unspoken = [];
    this.notifications.set([]);
  }

  /** What comes at the same time is said in one breath, and once. */
  #speak(notification: Notification): void {
    const last = this.#unspoken.at(-1);
    const merged = last ? mergeNotifications(last, notification) : null;
    const isFirst = last === undefined;
    this.#unspoken = merged ? [...this.#unspoken.slice(0, -1), merged] : [...this.#unspoken, notification];
    if (!isFirst) return;
    this.#cancelSpeaking = this.#after(SPEAK_AFTER_MS, () => {
      const message = this.#unspoken.map(spoken).join(" ");
      const isAlert = this.#unspoken.some(({ urgency }) => urgency === "alert");
      this.#unspoken = [];
      this.announcement.set({ message, urgency: isAlert ? "alert" : "status" });
    });
  }
}
