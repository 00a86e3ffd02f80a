import { describe, expect, it } from "vitest";
import { Strip } from "./strip";

describe("the strip of the last minute", () => {
  it("shows what lasts up to now, and what is over where it was", () => {
    const strip = new Strip();
    strip.add("gap", 30_000, 36_000);
    strip.begin("muted", 48_000);
    expect(strip.marks(60_000)).toEqual([
      { kind: "gap", from: 0.5, to: 0.6 },
      { kind: "muted", from: 0.8, to: 1 },
    ]);
    strip.end("muted", 60_000);
    expect(strip.marks(90_000)).toEqual([
      { kind: "gap", from: 0, to: 0.1 },
      { kind: "muted", from: 0.3, to: 0.5 },
    ]);
  });

  it("forgets what is older than a minute, but not what lasts longer", () => {
    const strip = new Strip();
    strip.add("skipped", 0, 1_000);
    strip.begin("cut", 2_000);
    expect(strip.marks(200_000)).toEqual([{ kind: "cut", from: 0, to: 1 }]);
  });

  it("begins nothing twice, and ends nothing that did not begin", () => {
    const strip = new Strip();
    strip.end("cut", 1_000);
    strip.begin("cut", 2_000);
    strip.begin("cut", 3_000);
    strip.end("cut", 5_000);
    expect(strip.marks(5_000)).toHaveLength(1);
  });

  it("keeps no more marks than can be seen", () => {
    const strip = new Strip();
    for (let at = 0; at < 1_000; at++) strip.add("gap", at, at + 1);
    expect(strip.marks(1_000)).toHaveLength(120);
  });
});
