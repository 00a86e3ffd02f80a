/** A clock that moves only when told, with the timers that hang on it. */
export class VirtualTime {
  #now = 1_763_836_800_000;
  #timers: { at: number; order: number; callback: () => void }[] = [];
  #order = 0;

  readonly now = (): number => this.#now;

  readonly schedule = (callback: () => void, delayMs: number): (() => void) => {
    const timer = { at: this.#now + delayMs, order: this.#order++, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };

  /** Runs every timer that falls due, in order, and leaves the clock `ms` later. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const due = this.#timers
        .filter((timer) => timer.at <= end)
        .sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (!due) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.#now = Math.max(this.#now, due.at);
      due.callback();
    }
    this.#now = end;
  }

  /** The process is frozen for `ms`: the clock moves and no timer runs. */
  sleep(ms: number): void {
    this.#now += ms;
  }
}
