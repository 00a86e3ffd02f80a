import { expect, it } from "vitest";
import { PRESETS } from "../capture/devices";
import type { PathFigures } from "../transport";
import { VideoAdaptation } from "./video-adaptation";

const { size, frameRate, videoBitsPerSecond } = PRESETS.balanced;
const CLEAR: PathFigures = {
  openForMs: 60_000,
  wayMs: 120,
  lateMs: 0,
  silentMs: 0,
  ackedBytes: 0,
  producedBytes: 0,
  keptBytes: 0,
};
/** Nothing comes back from a connection that is not dead. */
const FULL: PathFigures = { ...CLEAR, lateMs: 30_000, silentMs: 30_000 };

function adaptation() {
  const made = new VideoAdaptation({ size, frameRate, bitsPerSecond: videoBitsPerSecond });
  let now = 0;
  return {
    made,
    for(ms: number, figures: PathFigures) {
      for (let passed = 0; passed < ms; passed += 250) {
        now += 250;
        made.follow(figures, now);
      }
      return made.rate;
    },
  };
}

it("begins with what was asked for, and is the same object while nothing changes", () => {
  const { made, for: feed } = adaptation();
  const before = made.rate;
  expect(before).toEqual({
    bitsPerSecond: videoBitsPerSecond,
    framesPerSecond: 30,
    maxSize: size,
    keyFrameEveryMs: 2_000,
  });
  expect(feed(10_000, CLEAR)).toBe(before);
});

it("makes bits, then frames, then size fewer, and asks no encoder for next to nothing", () => {
  const { made, for: feed } = adaptation();
  expect(feed(3_500, FULL)).toMatchObject({ bitsPerSecond: 240_000, maxSize: { height: 360 } });
  const least = feed(30_000, FULL);
  expect(least).toMatchObject({ bitsPerSecond: 16_000, framesPerSecond: 1, maxSize: { height: 180 } });
  expect(least.keyFrameEveryMs).toBeGreaterThan(2_000);
  expect(made.reduction).toEqual({ kind: "smaller-picture", episode: 1 });
});

it("tells a slow connection once, however often the picture comes and goes within three minutes", () => {
  const { made, for: feed } = adaptation();
  for (let nth = 0; nth < 3; nth++) {
    feed(20_000, FULL);
    feed(100_000, CLEAR);
    expect(made.rate.maxSize).toEqual(size);
    expect(made.reduction.kind).toBe("none");
    expect(made.reduction.episode).toBe(1);
  }
  feed(200_000, CLEAR);
  feed(20_000, FULL);
  expect(made.reduction).toEqual({ kind: "smaller-picture", episode: 2 });
});
