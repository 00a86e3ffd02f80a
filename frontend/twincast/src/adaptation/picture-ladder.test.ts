import fc from "fast-check";
import { expect, it } from "vitest";
import { PRESETS } from "../capture/devices";
import { PRESET_NAMES } from "../model/settings";
import { pictureLadder, stepFor } from "./picture-ladder";

const { balanced } = PRESETS;
const ladder = pictureLadder(balanced.size, balanced.frameRate);
const WANTED = balanced.videoBitsPerSecond;

/** The step for a rate, from the one of the rate before. */
function steps(rates: readonly number[], from = 0): string[] {
  let index = from;
  return rates.map((rate) => {
    index = stepFor(ladder, index, rate, WANTED);
    const { maxSize, framesPerSecond } = ladder[index] ?? { maxSize: balanced.size, framesPerSecond: 0 };
    return `${maxSize.height}p${framesPerSecond}`;
  });
}

it("takes frames away first, then size, and frames again from the smallest picture", () => {
  expect(
    ladder.map(({ maxSize, framesPerSecond }) => [maxSize.width, maxSize.height, framesPerSecond]),
  ).toEqual([
    [1_280, 720, 30],
    [1_280, 720, 15],
    [640, 360, 15],
    [320, 180, 15],
    [320, 180, 8],
    [320, 180, 5],
    [320, 180, 3],
    [320, 180, 2],
    [320, 180, 1],
  ]);
});

it.each(PRESET_NAMES)(
  "makes each step of %s cheaper than the one before, in its shape and to even sizes",
  (name) => {
    const { size, frameRate } = PRESETS[name];
    const all = pictureLadder(size, frameRate);
    expect(all[0]).toMatchObject({ maxSize: size, framesPerSecond: frameRate });
    const costs = all.map(({ maxSize, framesPerSecond }) => maxSize.width * maxSize.height * framesPerSecond);
    expect(costs).toEqual(costs.toSorted((a, b) => b - a));
    expect(new Set(costs).size).toBe(costs.length);
    for (const { maxSize } of all) {
      expect(maxSize.width / maxSize.height).toBeCloseTo(size.width / size.height);
      expect([maxSize.width % 2, maxSize.height % 2]).toEqual([0, 0]);
    }
  },
);

it("is the picture that was asked for at the rate that was asked for, whatever the rule says of it", () => {
  const large = pictureLadder({ width: 1_920, height: 1_080 }, 30);
  expect(stepFor(large, 3, 100_000, 100_000)).toBe(0);
});

it("goes down at once as far as it must, and up when there is more than enough", () => {
  expect(steps([1_500_000, 1_000_000, 700_000, 440_000, 150_000, 50_000, 8_000])).toEqual([
    "720p30",
    "720p30",
    "720p15",
    "360p15",
    "180p15",
    "180p8",
    "180p1",
  ]);
  expect(steps([170_000, 220_000, 230_000], 3)).toEqual(["180p15", "180p15", "360p15"]);
  expect(steps([500_000, 640_000, 1_000_000, 1_100_000, 1_500_000], 2)).toEqual([
    "360p15",
    "720p15",
    "720p15",
    "720p30",
    "720p30",
  ]);
});

it("stays where it is while the rate moves by a fifth around any value", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 8_000, max: 1_500_000 }),
      fc.array(fc.double({ min: 0.92, max: 1.09, noNaN: true }), { minLength: 2, maxLength: 40 }),
      (rate, factors) => {
        const seen = steps(factors.map((factor) => rate * factor));
        const changes = seen.filter((step, nth) => nth > 0 && step !== seen[nth - 1]).length;
        // Down once where it began too high; never up and down again.
        expect(changes).toBeLessThanOrEqual(1);
      },
    ),
  );
});
