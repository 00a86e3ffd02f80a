import { expect, it } from "vitest";
import { SendWindow } from "./send-window";

const KIB = 1_024;
const QUICK_MS = 120;
const LATE_MS = 1_500;

it("begins with 128 KiB, or with less where the backend allows no more", () => {
  expect(new SendWindow(1_024 * KIB).bytes).toBe(128 * KIB);
  expect(new SendWindow(64 * KIB).bytes).toBe(64 * KIB);
});

it("grows by what quick acknowledgements release while chunks wait for it, up to the backend's limit", () => {
  const window = new SendWindow(300 * KIB);
  window.onAck(100 * KIB, QUICK_MS, true, 0);
  expect(window.bytes).toBe(228 * KIB);
  window.onAck(100 * KIB, QUICK_MS, true, 100);
  expect(window.bytes).toBe(300 * KIB);
});

it("stays as it is while nothing waits for it, or while acknowledgements are neither quick nor late", () => {
  const window = new SendWindow(1_024 * KIB);
  window.onAck(100 * KIB, QUICK_MS, false, 0);
  window.onAck(100 * KIB, 700, true, 100);
  expect(window.bytes).toBe(128 * KIB);
});

it("shrinks when acknowledgements come late, once for the bytes of one flight", () => {
  const window = new SendWindow(1_024 * KIB);
  window.onAck(10 * KIB, LATE_MS, true, 10_000);
  window.onAck(10 * KIB, LATE_MS, true, 10_500);
  expect(window.bytes).toBeCloseTo(128 * KIB * 0.7);
  window.onAck(10 * KIB, LATE_MS, true, 11_600);
  expect(window.bytes).toBe(64 * KIB);
});

it("never shrinks below the largest chunk that every backend takes, nor above a smaller backend's limit", () => {
  const window = new SendWindow(1_024 * KIB);
  for (let now = 0; now < 100_000; now += 10_000) window.onAck(KIB, LATE_MS, true, now);
  expect(window.bytes).toBe(64 * KIB);
  const small = new SendWindow(32 * KIB);
  small.onAck(KIB, LATE_MS, true, 0);
  expect(small.bytes).toBe(32 * KIB);
});
