import fc from "fast-check";
import { expect, it } from "vitest";
import { ClockEstimate } from "./clock-estimate";

it("knows nothing before the first pong", () => {
  const clock = new ClockEstimate();
  expect(clock.rttMs).toBeNull();
  expect(clock.offsetMs).toBeNull();
});

it("takes the middle of the round trip for the moment of the answer", () => {
  const clock = new ClockEstimate();
  clock.add(1_000, 1_080, 6_040);
  expect(clock.rttMs).toBe(80);
  expect(clock.offsetMs).toBe(5_000);
});

it("believes the quickest of the last pongs", () => {
  const clock = new ClockEstimate();
  clock.add(0, 400, 5_350);
  clock.add(1_000, 1_020, 6_010);
  clock.add(2_000, 2_900, 7_100);
  expect(clock.offsetMs).toBe(5_000);
});

it("forgets a quick pong after fifteen others, because clocks drift", () => {
  const clock = new ClockEstimate();
  clock.add(0, 2, 5_001);
  for (let i = 1; i <= 14; i++) clock.add(i * 1_000, i * 1_000 + 40, i * 1_000 + 9_020);
  expect(clock.offsetMs).toBe(5_000);
  clock.add(15_000, 15_040, 24_020);
  expect(clock.offsetMs).toBe(9_000);
});

it("smooths the round trip as RFC 6298 does", () => {
  const clock = new ClockEstimate();
  clock.add(0, 80, 0);
  clock.add(1_000, 1_160, 0);
  expect(clock.rttMs).toBe(80 + 80 / 8);
});

it("is not thrown off by a clock that was set back in between", () => {
  const clock = new ClockEstimate();
  clock.add(10_000, 9_000, 9_500);
  expect(clock.rttMs).toBe(0);
});

it("is wrong by at most half the quickest round trip, however lopsided the ways are", () => {
  const ways = fc.array(fc.tuple(fc.nat(2_000), fc.nat(2_000)), { minLength: 1, maxLength: 15 });
  fc.assert(
    fc.property(fc.integer({ min: -1e9, max: 1e9 }), ways, (offsetMs, pongs) => {
      const clock = new ClockEstimate();
      pongs.forEach(([thereMs, backMs], index) => {
        const sentAt = index * 5_000;
        clock.add(sentAt, sentAt + thereMs + backMs, sentAt + thereMs + offsetMs);
      });
      const quickest = Math.min(...pongs.map(([thereMs, backMs]) => thereMs + backMs));
      expect(Math.abs((clock.offsetMs ?? Number.NaN) - offsetMs)).toBeLessThanOrEqual(quickest / 2);
    }),
  );
});

it("knows the quickest round trip of the last two minutes, whatever queues meanwhile", () => {
  const estimate = new ClockEstimate();
  expect(estimate.quickestRttMs).toBeNull();
  const pong = (at: number, rttMs: number) => estimate.add(at - rttMs, at, at);
  pong(1_000, 300);
  pong(3_000, 4_000);
  expect(estimate.quickestRttMs).toBe(300);
  for (let at = 5_000; at <= 121_000; at += 2_000) pong(at, 500);
  expect(estimate.quickestRttMs).toBe(500);
  pong(123_000, 40);
  expect(estimate.quickestRttMs).toBe(40);
});
