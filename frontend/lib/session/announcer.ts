/** What a session tells the person: notifications to be read, and sentences to be heard. */
import type { Announcement, Notification } from "@/model/notification";
import type { Clock } from "../clock";
import { mergeNotifications, spoken, type Told, withNewest } from "./notifications";
import { Store } from "./store";

/** What both streams tell within this time is told once. */
const TOGETHER_MS = 2_000;
/** So long a sentence for screen readers waits for another one to be said with it. */
const SPEAK_AFTER_MS = 700;

export interface AnnouncerOptions {
  readonly now: () => number;
  readonly clock: Clock;
}

export class Announcer {
  /** Oldest first; the page decides for how long each is shown. */
  readonly notifications = new Store<readonly Told[]>([]);
  /** The newest change of state in one sentence, for people who do not see it. */
  readonly announcement = new Store<Announcement | null>(null);
  readonly #options: AnnouncerOptions;
  #count = 0;
  #unspoken: readonly Notification[] = [];
  #cancelSpeaking: () => void = () => {};
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
  }

  tell(notification: Notification): void {
    const before = this.notifications.get().at(-1);
    const merged =
      before && this.#options.now() - this.#toldAt < TOGETHER_MS
        ? mergeNotifications(before, notification)
        : null;
    this.#toldAt = this.#options.now();
    this.#speak(notification);
    const told = { ...(merged ?? notification), id: String(++this.#count) };
    this.notifications.update((list) => withNewest(merged ? list.slice(0, -1) : list, told));
  }

  /** A sentence that is heard and not shown: the screen says it in its own way. */
  say(message: string): void {
    this.announcement.set({ message, urgency: "status" });
  }

  dismiss(id: string): void {
    this.notifications.update((list) => list.filter((notification) => notification.id !== id));
  }

  /** Takes back what was told, and what waits to be said. */
  forget(): void {
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
    this.#cancelSpeaking = this.#options.clock.after(SPEAK_AFTER_MS, () => {
      const message = this.#unspoken.map(spoken).join(" ");
      const isAlert = this.#unspoken.some(({ urgency }) => urgency === "alert");
      this.#unspoken = [];
      this.announcement.set({ message, urgency: isAlert ? "alert" : "status" });
    });
  }
}
