import { Store } from "./store";

/** Enough for one minute on a sparkline. */
const KEPT_SAMPLES = 60;
const EVERY_MS = 1_000;

/** The newest value, and one sample a second of the last minute. */
export class Series<T extends number | null> {
  readonly value: Store<T>;
  readonly samples = new Store<readonly number[]>([]);
  #sampledAt = Number.NEGATIVE_INFINITY;

  constructor(initial: T) {
    this.value = new Store(initial);
  }

  set(value: T, now: number): void {
    this.value.set(value);
    if (value === null || now - this.#sampledAt < EVERY_MS) return;
    this.#sampledAt = now;
    this.samples.update((samples) => [...samples, value].slice(-KEPT_SAMPLES));
  }
}
