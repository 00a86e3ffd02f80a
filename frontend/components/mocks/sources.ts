import type { Source } from "twincast";
import { isStill } from "./still";

/** A source that never changes. */
export function fixed<T>(value: T): Source<T> {
  return { get: () => value, subscribe: () => () => {} };
}

/** A source that takes `at(seconds)` as its value, every `everyMs`. Stands still at `stillS` in tests. */
export function moving<T>(at: (seconds: number) => T, everyMs = 250, stillS = 60): Source<T> {
  if (isStill()) return fixed(at(stillS));
  const startedAt = performance.now() - stillS * 1000;
  let value = at(stillS);
  return {
    get: () => value,
    subscribe(listener) {
      const timer = setInterval(() => {
        value = at((performance.now() - startedAt) / 1000);
        listener();
      }, everyMs);
      return () => clearInterval(timer);
    },
  };
}

/** The last minute of a figure, one sample a second. */
export function movingSeries(at: (seconds: number) => number): Source<readonly number[]> {
  return moving((seconds) => Array.from({ length: 60 }, (_, i) => at(Math.floor(seconds) - 59 + i)), 1000);
}

/** A minute of a figure, one sample a second. */
export function minute(at: (seconds: number) => number): readonly number[] {
  return Array.from({ length: 60 }, (_, second) => at(second));
}

/** A minute of a figure that fell to `then` some seconds ago. */
export function droppedTo(at: (seconds: number) => number, then: number, agoS: number): readonly number[] {
  return minute((second) => (second < 60 - agoS ? at(second) : then));
}

/** Looks random, is the same each time. @returns -1 to 1, smooth in `x`. */
export function wander(x: number, seed = 0): number {
  return (Math.sin(x * 0.37 + seed) + Math.sin(x * 0.91 + seed * 2.3) + Math.sin(x * 1.73 + seed * 5.1)) / 3;
}
