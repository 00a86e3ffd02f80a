import { expect, it } from "vitest";
import { planCuts, randomBySeed } from "./chaos.ts";

it("plans the same cuts for the same seed, and others for another", () => {
  const plan = (seed: number) => planCuts(randomBySeed(seed), 20, 60_000);
  expect(plan(7)).toEqual(plan(7));
  expect(plan(7)).not.toEqual(plan(8));
});

it("plans as many cuts as asked for, in about the time", () => {
  const cuts = planCuts(randomBySeed(3), 20, 60_000);
  const totalMs = cuts.reduce((sum, { afterMs, forMs }) => sum + Math.max(0, afterMs) + forMs, 0);
  expect(cuts).toHaveLength(20);
  expect(totalMs).toBeGreaterThan(40_000);
  expect(totalMs).toBeLessThan(110_000);
});
