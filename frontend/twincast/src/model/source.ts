/**
 * A value that any number of readers follow and that may change too often for React: a component subscribes once and
 * writes to the page itself. Its owner calls the listener after `get()` began to return another value, as often as it
 * likes.
 */
export interface Source<T> {
  /** The value of now. */
  get(): T;
  /**
   * Has `listener` called after every change; for the value of now it is not called.
   *
   * @returns the function that ends the subscription.
   */
  subscribe(listener: () => void): () => void;
}
