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

it("is not shrunk by late acknowledgements below the largest chunk that every backend takes, nor above a smaller backend's limit", () => {
  const window = new SendWindow(1_024 * KIB);
  for (let now = 0; now < 100_000; now += 10_000) window.onAck(KIB, LATE_MS, true, now);
  expect(window.bytes).toBe(64 * KIB);
  const small = new SendWindow(32 * KIB);
  small.onAck(KIB, LATE_MS, true, 0);
  expect(small.bytes).toBe(32 * KIB);
});

it("grows on a long path as on a short one", () => {
  const window = new SendWindow(1_024 * KIB);
  window.onAck(100 * KIB, 700 + QUICK_MS, true, 0, 700);
  expect(window.bytes).toBe(228 * KIB);
});

it("leaves a path that is many times too slow a second's queue, and takes it back when it was wrong", () => {
  const window = new SendWindow(1_024 * KIB);
  window.onAck(4 * KIB, 4_000, true, 10_000);
  expect(window.bytes).toBe(32 * KIB);
  window.onAck(4 * KIB, 4_000, true, 15_000);
  expect(window.bytes).toBe(16 * KIB);
  window.onAck(4 * KIB, LATE_MS, true, 20_000);
  expect(window.bytes).toBe(16 * KIB);
  window.onAck(16 * KIB, QUICK_MS, true, 30_000);
  expect(window.bytes).toBe(32 * KIB);
});

it("opens with what a path has carried, so that the first flight is not ten seconds of a slow one", () => {
  const window = new SendWindow(1_024 * KIB);
  expect(window.bytesAt(0)).toBe(16 * KIB);
  window.onAck(8 * KIB, QUICK_MS, true, 200);
  expect(window.bytesAt(200)).toBe(28 * KIB);
  window.onAck(80 * KIB, QUICK_MS, true, 400);
  expect(window.bytesAt(400)).toBe(148 * KIB);
  expect(window.bytesAt(1_300)).toBe(136 * KIB);
  expect(window.bytesAt(5_000)).toBe(16 * KIB);
});

it("does not take for a second's work what took two to arrive", () => {
  const window = new SendWindow(1_024 * KIB);
  window.onAck(40 * KIB, 2_000, false, 2_000);
  expect(window.bytesAt(2_000)).toBe((16 + 1.5 * 20) * KIB);
});

it("opens wider where more is under way at the same rate", () => {
  const window = new SendWindow(1_024 * KIB);
  expect(window.bytesAt(0, 500)).toBe(32 * KIB);
});
