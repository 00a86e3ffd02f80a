/** The passing of time, injected so that tests decide when it passes. */
export interface Clock {
  /** ms since the epoch; the clock that every stamp of capture is read from. */
  now(): number;
  /** Calls `task` once after `delayMs`. @returns a function that takes it back. */
  after(delayMs: number, task: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};
