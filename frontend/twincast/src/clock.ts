/**
 * The passing of time, injected so that tests decide when it passes. One clock for everything that capture, transport
 * and session measure: stamps, durations and deadlines.
 */
export interface Clock {
  /**
   * ms since the epoch, by the device's clock at the moment when the page was opened, and never set afterwards: it does
   * not go back, and it does not leap when the device's clock is corrected.
   */
  now(): number;
  /** Calls `task` once after `delayMs`. @returns a function that takes it back. */
  after(delayMs: number, task: () => void): () => void;
}

/** What two clocks showed at one moment, ms since the epoch. Plain data: crosses from a page to its worker. */
export interface ClockReading {
  readonly nowMs: number;
  /** The device's own clock, which may be set at any moment. */
  readonly deviceMs: number;
}

/** A reading that took longer was not under way: the device's clock was set meanwhile. */
const MAX_ON_THE_WAY_MS = 1_000;

/**
 * `Date.now()` goes back and leaps whenever a phone sets its clock, most often by the network that it has just found:
 * in the middle of a reconnect. What the device's clock was wrong by when the page was opened stays in every stamp,
 * and the backend takes it out by the offset that pings tell.
 *
 * Some systems stop this clock while the device sleeps (https://github.com/w3c/hr-time/issues/115): nothing was recorded
 * then, and timers stood still as well. The offset grows by the sleep, and is right again when the pongs from before it
 * are forgotten.
 */
class SteadyClock implements Clock {
  /**
   * Read once. WebKit computes `timeOrigin` anew from the device's clock whenever it is read
   * (`Performance::timeOrigin` in Source/WebCore/page/Performance.cpp): a sum with it leaps as `Date.now()` does.
   */
  #originMs = performance.timeOrigin;

  readonly now = (): number => this.#originMs + performance.now();

  after(delayMs: number, task: () => void): () => void {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  }

  read(): ClockReading {
    return { nowMs: this.now(), deviceMs: Date.now() };
  }

  /**
   * Goes on from a reading of the page's clock, in a worker that has measured nothing yet. Each of them takes its origin
   * when it is opened, so they are apart by what the device's clock was set in between: a stream that another worker goes
   * on with would have a gap of that length, and the page would count down to a retry of years ago. The device's clock
   * is the same for both, and says how long the reading was under way.
   */
  follow(reading: ClockReading): void {
    const { nowMs, deviceMs } = this.read();
    const underWayMs = deviceMs - reading.deviceMs;
    const isBelieved = underWayMs >= 0 && underWayMs <= MAX_ON_THE_WAY_MS;
    this.#originMs += reading.nowMs + (isBelieved ? underWayMs : 0) - nowMs;
  }
}

export const systemClock = new SteadyClock();
