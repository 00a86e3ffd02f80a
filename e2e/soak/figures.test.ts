import { expect, it } from "vitest";
import { percentile, summary } from "./figures.ts";

it("takes the nearest rank", () => {
  expect(percentile([5, 1, 3], 0.5)).toBe(3);
  expect(percentile([5, 1, 3], 0.95)).toBe(5);
  expect(percentile([], 0.5)).toBeNaN();
});

it("says how many values a summary stands on", () => {
  expect(summary([100, 200])).toBe("median 100 ms, p95 200 ms, max 200 ms (2)");
  expect(summary([])).toBe("none");
});
