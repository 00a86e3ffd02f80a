import type { Source } from "../model/source";

/** A value that one writer sets and any number of readers follow: the narrow subscriptions of the screens. */
export class Store<T> implements Source<T> {
  #value: T;
  readonly #listeners = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
  }

  // Bound, so that they can be handed to useSyncExternalStore as they are.
  /** The value of now. */
  readonly get = (): T => this.#value;

  /** Has `listener` called after every change. @returns the function that ends the subscription. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Takes another value and tells every listener of it; the same one (`Object.is`) is no change. */
  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of [...this.#listeners]) listener();
  }

  /** Takes what `change` makes of the value of now. */
  update(change: (value: T) => T): void {
    this.set(change(this.#value));
  }
}
