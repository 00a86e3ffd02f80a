import { expect, it } from "vitest";
import { untilNextMs } from "./together";

it("has those who wait for as long begin again together, whenever they began", () => {
  const ends = [0, 1, 120, 249].map((nowMs) => nowMs + untilNextMs(250, nowMs));
  expect(new Set(ends)).toEqual(new Set([250]));
});

it("has every third of a shorter wait end with the longer one", () => {
  const ends = [10, 90, 180].map((nowMs) => nowMs + untilNextMs(250 / 3, nowMs));
  expect(ends).toEqual([84, 167, 250]);
});

it("never ends before its time, by which it would begin again at once", () => {
  for (const nowMs of [0.1, 83.2, 249.5]) {
    const waitMs = untilNextMs(250 / 3, nowMs);
    expect(Number.isInteger(waitMs)).toBe(true);
    expect((nowMs + waitMs) % (250 / 3)).toBeLessThan(1.1);
  }
});
