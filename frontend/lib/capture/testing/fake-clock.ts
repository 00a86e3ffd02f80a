import type { Clock } from "../clock";

/** A clock that stands still until a test moves it. Tasks run in the order of their due times. */
export class FakeClock implements Clock {
  #time: number;
  readonly #tasks = new Map<number, { due: number; task: () => void }>();
  #nextId = 0;

  /** @param startMs ms since the epoch. */
  constructor(startMs = 1_700_000_000_000) {
    this.#time = startMs;
  }

  now(): number {
    return this.#time;
  }

  after(delayMs: number, task: () => void): () => void {
    const id = this.#nextId++;
    this.#tasks.set(id, { due: this.#time + delayMs, task });
    return () => this.#tasks.delete(id);
  }

  /** Lets `ms` pass, running what falls due, with all promises settled after each task. */
  async advance(ms: number): Promise<void> {
    const end = this.#time + ms;
    await settle();
    for (;;) {
      const [first] = [...this.#tasks]
        .filter(([, { due }]) => due <= end)
        .sort(([, a], [, b]) => a.due - b.due);
      if (!first) break;
      const [id, { due, task }] = first;
      this.#tasks.delete(id);
      this.#time = Math.max(this.#time, due);
      task();
      await settle();
    }
    this.#time = end;
  }

  /** Timers that are still armed: none may be left behind. */
  get pending(): number {
    return this.#tasks.size;
  }
}

/** Waits until every promise that can settle without time passing has. A macrotask runs after all microtasks. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
