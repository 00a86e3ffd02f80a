import { describe, expect, it } from "vitest";
import { judge } from "./verdict.mjs";

/** @param {number} seq */
const chunk = (seq, segment = 0) => ({ event: "chunk", seq, segment, bytes: 10 });

describe("the verdict on two instances", () => {
  it("is clean when the second goes on right behind the first", () => {
    expect(
      judge([
        [chunk(0), chunk(1)],
        [chunk(2), chunk(3, 1)],
      ]),
    ).toEqual({
      chunks: 4,
      bytes: 40,
      segments: 2,
      perInstance: [2, 2],
      missing: [],
      repeated: [],
      gaps: 0,
    });
  });

  it("names what neither took", () => {
    expect(judge([[chunk(0), chunk(1)], [chunk(4)]]).missing).toEqual([2, 3]);
  });

  it("names what both took", () => {
    expect(
      judge([
        [chunk(0), chunk(1)],
        [chunk(1), chunk(2)],
      ]).repeated,
    ).toEqual([1]);
  });

  it("counts gaps", () => {
    expect(judge([[chunk(0), { event: "gap", from: 1, to: 1 }], []]).gaps).toBe(1);
  });

  it("knows of nothing when nothing came", () => {
    expect(judge([[], []])).toMatchObject({ chunks: 0, missing: [], repeated: [] });
  });
});
