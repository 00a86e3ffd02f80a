/**
 * The passing of time, injected so that tests decide when it passes. One clock for everything that capture, transport
 * and session measure: stamps, durations and deadlines.
 */
export interface Clock {
  /**
   * ms since the epoch, by the device's clock at the moment when the page (or the worker) was opened, and never set
   * afterwards: it does not go back, and it does not leap when the device's clock is corrected.
   */
  now(): number;
  /** Calls `task` once after `delayMs`. @returns a function that takes it back. */
  after(delayMs: number, task: () => void): () => void;
}

/**
 * `Date.now()` goes back and leaps whenever a phone sets its clock, most often by the network that it has just found:
 * in the middle of a reconnect. What the device's clock was wrong by when the page was opened stays in every stamp,
 * and the backend takes it out by the offset that pings tell.
 *
 * `timeOrigin` may differ between a page and its worker by what the clock was set in between (WebKit reads it anew in
 * each), so no duration is the difference of two stamps from two of them. Some systems stop this clock while the device
 * sleeps (https://github.com/w3c/hr-time/issues/115): nothing was recorded then, and timers stood still as well.
 */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};
