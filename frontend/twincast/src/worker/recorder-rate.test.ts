import { beforeEach, describe, expect, it } from "vitest";
import { PRESETS } from "../capture/devices";
import type { StreamEncoder } from "../capture/encode";
import { FakeTrack } from "../capture/testing/fake-media";
import { settle } from "../testing/fake-clock";
import type { PathFigures } from "../transport";
import { RecorderRate } from "./recorder-rate";

const preset = PRESETS.balanced;
const CLEAR: PathFigures = {
  openForMs: 60_000,
  wayMs: 120,
  lateMs: 0,
  silentMs: 0,
  ackedBytes: 0,
  producedBytes: 0,
  keptBytes: 0,
};
const FULL: PathFigures = { ...CLEAR, lateMs: 30_000, silentMs: 30_000 };

let steps: string[];
let track: FakeTrack;
let now: number;

const recorder = {
  setBitrate: (bitsPerSecond: number) => {
    steps.push(`${bitsPerSecond}`);
    return "needs-segment" as const;
  },
  newSegment: () => void steps.push("segment"),
} as unknown as StreamEncoder<MediaStreamTrack>;

async function feed(rate: RecorderRate, ms: number, path: PathFigures): Promise<void> {
  for (let passed = 0; passed < ms; passed += 250) {
    now += 250;
    rate.follow(recorder, track.asTrack, path, now);
    await settle();
  }
}

const heights = () => track.applied.map(({ height }) => (height as ConstrainULongRange).ideal);

beforeEach(() => {
  steps = [];
  track = new FakeTrack("video");
  now = 0;
});

describe("a recorder", () => {
  it("is left alone on a clear path", async () => {
    await feed(new RecorderRate("video", preset), 60_000, CLEAR);
    expect(steps).toEqual([]);
    expect(track.applied).toEqual([]);
  });

  it("takes each rate with one segment, after the camera gives the pictures for it", async () => {
    const rate = new RecorderRate("video", preset);
    await feed(rate, 20_000, FULL);
    expect(steps.filter((_, nth) => nth % 2 === 1).every((step) => step === "segment")).toBe(true);
    const rates = steps.filter((step) => step !== "segment").map(Number);
    expect(rates.length).toBeGreaterThan(2);
    // Each is a good deal less than the one before: a segment for less would cost more than it gains.
    rates.forEach((bits, nth) => {
      expect(bits).toBeLessThanOrEqual(0.75 * (rates[nth - 1] ?? preset.videoBitsPerSecond));
    });
    expect(heights().at(-1)).toBe(180);
    expect(rate.reduction.kind).toBe("smaller-picture");
  });

  it("goes back to the whole picture in a few steps, and leaves the camera as it was opened", async () => {
    const rate = new RecorderRate("video", preset);
    await feed(rate, 20_000, FULL);
    const before = steps.length;
    await feed(rate, 240_000, CLEAR);
    expect(Number(steps.at(-2))).toBe(preset.videoBitsPerSecond);
    expect(heights().at(-1)).toBe(720);
    expect((steps.length - before) / 2).toBeLessThanOrEqual(12);
    track.applied = [];
    rate.restore();
    expect(track.applied).toEqual([]);
  });

  it("gives the camera back whole when it ends while the picture is smaller", async () => {
    const rate = new RecorderRate("video", preset);
    await feed(rate, 20_000, FULL);
    rate.restore();
    expect(heights().at(-1)).toBe(720);
    track.applied = [];
    rate.restore();
    expect(track.applied).toEqual([]);
  });

  it("asks the next camera for as little as the one before it", async () => {
    const rate = new RecorderRate("video", preset);
    await feed(rate, 20_000, FULL);
    track = new FakeTrack("video");
    await feed(rate, 250, FULL);
    expect(heights()).toEqual([180]);
  });

  it("records with fewer bits what a camera gives that will not be asked", async () => {
    const rate = new RecorderRate("video", preset);
    track.applyConstraints = () => Promise.reject(new DOMException("no", "OverconstrainedError"));
    await feed(rate, 20_000, FULL);
    expect(Number(steps.filter((step) => step !== "segment").at(-1))).toBeLessThan(100_000);
    expect(steps.at(-1)).toBe("segment");
  });

  it("of sound goes down to speech, and asks the microphone for nothing", async () => {
    const rate = new RecorderRate("audio", preset);
    track = new FakeTrack("audio");
    await feed(rate, 30_000, FULL);
    expect(Number(steps.filter((step) => step !== "segment").at(-1))).toBeLessThanOrEqual(24_000);
    expect(track.applied).toEqual([]);
    expect(rate.reduction.kind).toBe("none");
  });
});
