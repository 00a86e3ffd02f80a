import { expect, it } from "vitest";
import { spreadOf } from "./figures.ts";

it("takes nearest ranks, whatever the order", () => {
  const values = Array.from({ length: 20 }, (_, index) => 20 - index);
  expect(spreadOf(values)).toEqual({ count: 20, p50: 10, p95: 19, max: 20 });
});

it("has no spread of nothing, and the one value of one", () => {
  expect(spreadOf([])).toBeNull();
  expect(spreadOf([4])).toEqual({ count: 1, p50: 4, p95: 4, max: 4 });
});
