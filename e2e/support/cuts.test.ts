import { describe, expect, it } from "vitest";
import { type CutKind, planCuts } from "./cuts.ts";

const countsOf = (kinds: readonly CutKind[]) =>
  Object.fromEntries(
    [...new Set(kinds)].sort().map((kind) => [kind, kinds.filter((one) => one === kind).length]),
  );

describe("a plan of cuts", () => {
  it("is the same for the same seed, and another for another", () => {
    expect(planCuts(7, 20)).toEqual(planCuts(7, 20));
    expect(planCuts(7, 20)).not.toEqual(planCuts(8, 20));
  });

  it("has every kind in twenty, whatever the seed", () => {
    for (let seed = 0; seed < 50; seed++) {
      expect(countsOf(planCuts(seed, 20).map(({ kind }) => kind))).toEqual({
        "black-hole": 2,
        "mid-frame": 4,
        refuse: 3,
        reset: 6,
        stall: 3,
        throttle: 2,
      });
    }
  });

  it("hits streams that stream and streams that are still recovering", () => {
    const hits = planCuts(1, 200).map((cut) => cut.hits);
    expect(hits.filter((one) => one === "recovering").length).toBeGreaterThan(30);
    expect(hits.filter((one) => one === "streaming").length).toBeGreaterThan(100);
  });
});
