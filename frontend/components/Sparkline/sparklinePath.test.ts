import { describe, expect, it } from "vitest";
import { SAMPLES, sparklinePath } from "./sparklinePath";

const heights = (line: string) =>
  line
    .slice(1)
    .split("L")
    .map((point) => Number(point.split(",")[1]));

describe("a sparkline", () => {
  it("ends at the newest sample and leaves the unknown past empty", () => {
    const { line } = sparklinePath([1, 2, 3], 3);
    expect(line.startsWith("M96.61,")).toBe(true);
    expect(line.split("L").at(-1)).toMatch(/^100\.00,/);
  });

  it("keeps to the last minute", () => {
    const { line } = sparklinePath(
      Array.from({ length: 200 }, (_, i) => i),
      1,
    );
    expect(line.split("L")).toHaveLength(SAMPLES);
    expect(line.startsWith("M0.00,")).toBe(true);
  });

  it("stays inside its box when a sample is above the ceiling", () => {
    for (const y of heights(sparklinePath([5, 500, -3], 10).line)) {
      expect(y).toBeGreaterThanOrEqual(0);
      expect(y).toBeLessThanOrEqual(24);
    }
  });

  it("draws zeros as a line at the bottom, not as NaN", () => {
    expect(heights(sparklinePath([0, 0], 0).line)).toEqual([22.5, 22.5]);
  });

  it("draws nothing of nothing", () => {
    expect(sparklinePath([], 10)).toEqual({ line: "", area: "" });
  });
});
