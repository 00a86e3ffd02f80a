import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fullRate, nextRate, type RateState } from "./bitrate-policy";

const WANTED = { bitsPerSecond: 1_500_000, framesPerSecond: 30 };

/** Feeds outbox ages, one every `everyMs`, and gives the states. */
function run(ages: readonly number[], everyMs = 1_000, from: RateState = fullRate(WANTED, 0)): RateState[] {
  let state = from;
  return ages.map((age, i) => {
    state = nextRate(state, WANTED, age, from.changedAt + (i + 1) * everyMs);
    return state;
  });
}

describe("the video's rate", () => {
  it("stays as asked for while the path is clear", () => {
    const start = fullRate(WANTED, 0);
    expect(nextRate(start, WANTED, 900, 60_000)).toBe(start);
  });

  it("goes to 60 % when the path is more than a second behind", () => {
    expect(run([1_001]).at(-1)).toMatchObject({
      path: "slow",
      rate: { bitsPerSecond: 900_000, framesPerSecond: 30 },
    });
  });

  it("goes to 35 % and half the frames when it is more than three behind", () => {
    expect(run([1_001, 3_001]).at(-1)).toMatchObject({
      path: "very-slow",
      rate: { bitsPerSecond: 525_000, framesPerSecond: 15 },
    });
  });

  it("does not go down again before the last step could show", () => {
    const [first, again] = run([1_500, 1_500], 100);
    expect(again).toBe(first);
  });

  it("goes on down while that is not enough, to a floor that is worth sending", () => {
    expect(run(Array.from({ length: 60 }, () => 2_000)).at(-1)?.rate.bitsPerSecond).toBe(150_000);
  });

  it("comes back by a quarter every five seconds once it has caught up", () => {
    const [slow] = run([1_500]);
    const back = run([100, 100, 100, 100, 100, 100, 100, 100, 100, 100], 1_000, slow);
    expect(back.map(({ rate }) => rate.bitsPerSecond)).toEqual([
      900_000, 900_000, 900_000, 900_000, 1_125_000, 1_125_000, 1_125_000, 1_125_000, 1_125_000, 1_406_250,
    ]);
    expect(back.at(-1)?.path).toBe("recovering");
    expect(run([100], 5_000, back.at(-1)).at(-1)).toMatchObject({ path: "clear", rate: WANTED });
  });

  it("waits where it is while the path is neither behind nor clear", () => {
    const [slow] = run([1_500]);
    expect(run([500, 500, 500], 10_000, slow).at(-1)).toBe(slow);
  });

  it("falls from where it is, not from the top, when the way back was too steep", () => {
    const [slow] = run([1_500]);
    const recovering = run([100], 5_000, slow).at(-1);
    expect(run([1_500], 1_000, recovering).at(-1)?.rate.bitsPerSecond).toBe(Math.round(1_125_000 * 0.6));
  });

  it("is always between the floor and what was asked for, whatever the path does", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 60_000 }), { maxLength: 200 }), (ages) => {
        for (const { rate } of run(ages, 700)) {
          expect(rate.bitsPerSecond).toBeGreaterThanOrEqual(150_000);
          expect(rate.bitsPerSecond).toBeLessThanOrEqual(WANTED.bitsPerSecond);
          expect([15, 30]).toContain(rate.framesPerSecond);
        }
      }),
    );
  });

  it("always comes back to what was asked for on a path that stays clear", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 60_000 }), { maxLength: 50 }), (ages) => {
        const end = run(ages, 700).at(-1) ?? fullRate(WANTED, 0);
        expect(
          run(
            Array.from({ length: 30 }, () => 50),
            5_000,
            end,
          ).at(-1)?.rate,
        ).toEqual(WANTED);
      }),
    );
  });
});
