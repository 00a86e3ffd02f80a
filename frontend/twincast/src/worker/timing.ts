import type { Clock } from "../clock";

/** Resolves after `delayMs`. */
export function after(clock: Clock, delayMs: number): Promise<undefined> {
  return new Promise((resolve) => {
    clock.after(delayMs, () => resolve(undefined));
  });
}

/** What `task` settles to; rejects when it takes longer than `limitMs`. */
export function within<T>(clock: Clock, limitMs: number, task: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(limitMs, () => reject(new Error(`no answer in ${limitMs} ms`)));
    task.then(resolve, reject).finally(cancel);
  });
}
