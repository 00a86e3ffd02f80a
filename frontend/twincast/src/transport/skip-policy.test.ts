import { expect, it } from "vitest";
import { DEFAULT_LIMITS } from "./limits";
import { type Backlog, shouldSkip } from "./skip-policy";

const policy = { maxBehindMs: 8_000, maxCatchUpMs: 20_000 };
/** 10 s behind on an uplink of half the bit-rate. */
const hopeless: Backlog = {
  behindMs: 10_000,
  keptBytes: 1_900_000,
  drainBytesPerSecond: 95_000,
  produceBytesPerSecond: 190_000,
  openForMs: 30_000,
};

it("skips when the uplink carries less than the encoder brings", () => {
  expect(shouldSkip(policy, hopeless)).toBe(true);
});

it("skips when catching up would take too long", () => {
  // 1.9 MB at a gain of 100 or 90 kB/s.
  expect(shouldSkip(policy, { ...hopeless, drainBytesPerSecond: 290_000 })).toBe(false);
  expect(shouldSkip(policy, { ...hopeless, drainBytesPerSecond: 280_000 })).toBe(true);
});

it("does not skip what is hardly late", () => {
  expect(shouldSkip(policy, { ...hopeless, behindMs: 8_000 })).toBe(false);
});

it("does not judge a connection that has just been opened, whatever waits for it", () => {
  expect(shouldSkip(policy, { ...hopeless, behindMs: 60_000, openForMs: 4_999 })).toBe(false);
});

it("lets audio keep its order far longer than video", () => {
  const late = { ...hopeless, behindMs: 30_000 };
  expect(shouldSkip(DEFAULT_LIMITS.video.skip, late)).toBe(true);
  expect(shouldSkip(DEFAULT_LIMITS.audio.skip, late)).toBe(false);
  expect(shouldSkip(DEFAULT_LIMITS.audio.skip, { ...hopeless, behindMs: 61_000 })).toBe(true);
});
