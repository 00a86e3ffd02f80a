import { describe, expect, it } from "vitest";
import type { SegmentPlan } from "../encode/segment-writer";
import { SegmentStarts } from "./segment-starts";

const plan = (startedAt: number): SegmentPlan => ({
  codec: "avc",
  startedAt,
  encoder: { name: "webcodecs", reason: "It is the one under test." },
});
const config = (description?: Uint8Array<ArrayBuffer>): VideoDecoderConfig => ({
  codec: "avc1.64001F",
  codedWidth: 640,
  codedHeight: 480,
  ...(description && { description }),
});
const key = (timestamp: number) => ({ type: "key", timestamp }) as const;
const delta = (timestamp: number) => ({ type: "delta", timestamp }) as const;

describe("where a segment begins", () => {
  it("is the key frame that was asked for, and its time is 0", () => {
    const starts = new SegmentStarts();
    starts.ask(100, plan(1));
    expect(starts.place(key(100), config())).toMatchObject({
      kind: "begin",
      timestampUs: 0,
      plan: { startedAt: 1 },
    });
    expect(starts.place(delta(150))).toMatchObject({ kind: "write", timestampUs: 50 });
  });

  it("is not where frames of the segment before still come out", () => {
    const starts = new SegmentStarts();
    starts.ask(0, plan(1));
    starts.place(key(0), config());
    starts.ask(200, plan(2));
    expect(starts.place(delta(100))).toMatchObject({ kind: "write", timestampUs: 100 });
    expect(starts.place(key(200))).toMatchObject({ kind: "begin", plan: { startedAt: 2 } });
  });

  it("is not a key frame that nobody asked for", () => {
    const starts = new SegmentStarts();
    starts.ask(0, plan(1));
    starts.place(key(0), config());
    expect(starts.place(key(100), config())).toMatchObject({ kind: "write" });
  });

  it("waits for a key frame when the encoder left the first one out", () => {
    const starts = new SegmentStarts();
    starts.ask(0, plan(1));
    starts.place(key(0), config());
    starts.ask(100, plan(2));
    expect(starts.place(delta(150))).toEqual({ kind: "skip" });
    expect(starts.place(key(200))).toMatchObject({ kind: "begin", plan: { startedAt: 2 } });
  });

  it("is the newest of several that were asked for in vain", () => {
    const starts = new SegmentStarts();
    starts.ask(0, plan(1));
    starts.ask(100, plan(2));
    expect(starts.place(key(150), config())).toMatchObject({ kind: "begin", plan: { startedAt: 2 } });
    expect(starts.place(delta(200))).toMatchObject({ kind: "write", timestampUs: 50 });
  });

  it("is also where the decoder has to be set up anew", () => {
    const starts = new SegmentStarts();
    starts.ask(0, plan(1));
    starts.place(key(0), config(Uint8Array.of(1, 2)));
    expect(starts.place(key(50), config(Uint8Array.of(1, 2)))).toMatchObject({ kind: "write" });
    expect(starts.place(delta(100), config(Uint8Array.of(1, 3)))).toEqual({ kind: "skip" });
    expect(starts.place(key(150))).toMatchObject({
      kind: "begin",
      decoderConfig: config(Uint8Array.of(1, 3)),
    });
  });

  it("is nowhere while nobody knows how to decode", () => {
    const starts = new SegmentStarts();
    starts.ask(0, plan(1));
    expect(starts.place(key(0))).toEqual({ kind: "skip" });
  });

  it("is asked for anew after the encoder has gone", () => {
    const starts = new SegmentStarts();
    starts.ask(0, plan(1));
    starts.place(key(0), config());
    starts.forget();
    expect(starts.place(delta(50))).toEqual({ kind: "skip" });
    starts.ask(100, plan(2));
    expect(starts.place(key(100), config())).toMatchObject({ kind: "begin", plan: { startedAt: 2 } });
  });
});
