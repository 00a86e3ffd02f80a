import { describe, expect, it, vi } from "vitest";
import { derive, isAlike } from "./derive";
import type { Source } from "./source";

function box<T>(value: T): Source<T> & { set(next: T): void } {
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set: (next) => {
      value = next;
      for (const listener of listeners) listener();
    },
  };
}

describe("a derived source", () => {
  it("tells of what changes and of nothing else", () => {
    const status = box({ kind: "live", delayMs: 80 });
    const kind = derive([status], () => status.get().kind);
    const told = vi.fn();
    const end = kind.subscribe(told);
    status.set({ kind: "live", delayMs: 81 });
    expect(told).not.toHaveBeenCalled();
    status.set({ kind: "behind", delayMs: 900 });
    expect(told).toHaveBeenCalledOnce();
    expect(kind.get()).toBe("behind");
    end();
    status.set({ kind: "live", delayMs: 80 });
    expect(told).toHaveBeenCalledOnce();
  });

  it("keeps its value while the new one says the same", () => {
    const figure = box(1.2);
    const words = derive([figure], () => ({ text: figure.get().toFixed(0) }), isAlike);
    const before = words.get();
    figure.set(1.3);
    expect(words.get()).toBe(before);
    figure.set(1.8);
    expect(words.get()).toEqual({ text: "2" });
  });

  it("follows all that it is made of", () => {
    const [one, two] = [box(1), box(2)];
    const sum = derive([one, two], () => one.get() + two.get());
    const told = vi.fn();
    sum.subscribe(told);
    one.set(5);
    two.set(6);
    expect(told).toHaveBeenCalledTimes(2);
    expect(sum.get()).toBe(11);
  });
});
