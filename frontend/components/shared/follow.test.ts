import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { follow } from "./follow";
import { READABLE_EVERY_MS } from "./together";

/** A source that a test sets by hand. */
function box<T>(value: T) {
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    set(next: T) {
      value = next;
      for (const listener of listeners) listener();
    },
    listeners,
  };
}

describe("follow", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("writes the value that is there before any change", () => {
    const written: number[] = [];
    follow(box(7), (value) => written.push(value));
    expect(written).toEqual([7]);
  });

  it("writes at most every half second and never loses the last value", () => {
    const source = box(0);
    const written: number[] = [];
    follow(source, (value) => written.push(value));
    for (let n = 1; n <= 100; n++) {
      source.set(n);
      vi.advanceTimersByTime(10);
    }
    vi.advanceTimersByTime(READABLE_EVERY_MS);
    expect(written.length).toBeLessThanOrEqual(4);
    expect(written.at(-1)).toBe(100);
  });

  it("writes nothing after its end", () => {
    const source = box(0);
    const written: number[] = [];
    const stop = follow(source, (value) => written.push(value));
    source.set(1);
    stop();
    source.set(2);
    vi.advanceTimersByTime(1000);
    expect(written).toEqual([0]);
    expect(source.listeners.size).toBe(0);
  });
});
