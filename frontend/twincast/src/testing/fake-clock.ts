import type { Clock } from "../clock";

interface Task {
  readonly due: number;
  readonly task: () => void;
}

/** A clock that stands still until a test moves it. Tasks run in the order of their due times. */
export class FakeClock implements Clock {
  #now: number;
  #tasks: Task[] = [];

  /** @param startMs ms since the epoch. */
  constructor(startMs = 1_763_836_800_000) {
    this.#now = startMs;
  }

  readonly now = (): number => this.#now;

  readonly after = (delayMs: number, task: () => void): (() => void) => {
    const entry = { due: this.#now + delayMs, task };
    this.#tasks.push(entry);
    return () => {
      this.#tasks = this.#tasks.filter((other) => other !== entry);
    };
  };

  /** Lets `ms` pass, running what falls due, with all promises settled after each task. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    while (this.#runNext(end)) await settle();
    this.#now = end;
  }

  /** Lets `ms` pass, running what falls due, for code that awaits nothing. */
  advanceSync(ms: number): void {
    const end = this.#now + ms;
    while (this.#runNext(end));
    this.#now = end;
  }

  /** The process is frozen for `ms`: the clock moves and no timer runs. */
  sleep(ms: number): void {
    this.#now += ms;
  }

  /** Timers that are still armed: none may be left behind. */
  get pending(): number {
    return this.#tasks.length;
  }

  /** @returns whether there was a task that falls due by `end`. */
  #runNext(end: number): boolean {
    let next: Task | undefined;
    for (const entry of this.#tasks) if (entry.due <= end && (!next || entry.due < next.due)) next = entry;
    if (!next) return false;
    this.#tasks = this.#tasks.filter((other) => other !== next);
    this.#now = Math.max(this.#now, next.due);
    next.task();
    return true;
  }
}

/** Waits until every promise that can settle without time passing has. A macrotask runs after all microtasks. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
