/**
 * A value that any number of readers follow and that may change too often for React: a component subscribes once and
 * writes to the page itself. Its owner calls the listener after `get()` began to return another value, as often as it
 * likes.
 */
export interface Source<T> {
  get(): T;
  /** @returns the function that ends the subscription. */
  subscribe(listener: () => void): () => void;
}
