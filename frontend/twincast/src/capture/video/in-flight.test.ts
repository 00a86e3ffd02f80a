import { expect, it } from "vitest";
import { FramesInFlight } from "./in-flight";

it("remembers when each frame was captured until it comes out", () => {
  const frames = new FramesInFlight();
  frames.enter(0, 1_000, 1_005);
  frames.enter(33, 1_033, 1_038);
  expect(frames.leave(0)).toBe(1_000);
  expect(frames.leave(33)).toBe(1_033);
  expect(frames.leave(33)).toBeUndefined();
  expect(frames.leftOut).toBe(0);
});

it("counts the frames that an encoder leaves out", () => {
  const frames = new FramesInFlight();
  for (const timestamp of [0, 33, 66, 99]) frames.enter(timestamp, timestamp, timestamp);
  frames.leave(66);
  expect(frames.leftOut).toBe(2);
});

it("is full when the encoder holds six, and no longer when it gave up on them", () => {
  const frames = new FramesInFlight();
  for (let i = 0; i < 6; i++) {
    expect(frames.isFull(i)).toBe(false);
    frames.enter(i, i, i);
  }
  expect(frames.isFull(999)).toBe(true);
  expect(frames.isFull(1_000)).toBe(false);
  expect(frames.leftOut).toBe(1);
});

it("counts what was inside an encoder that is gone", () => {
  const frames = new FramesInFlight();
  frames.enter(0, 0, 0);
  frames.clear();
  expect(frames.leftOut).toBe(1);
  expect(frames.isFull(0)).toBe(false);
});
