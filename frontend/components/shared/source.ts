/**
 * A value that changes too often for React: a component subscribes once and writes to the DOM itself.
 * The owner calls the listener after `get()` began to return another value, as often as it likes.
 */
export interface Source<T> {
  get(): T;
  /** @returns the function that ends the subscription. */
  subscribe(listener: () => void): () => void;
}
