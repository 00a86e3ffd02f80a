import { describe, expect, it } from "vitest";
import { containerOf, type ListedSegment, type ListedStream, timelineOf } from "./timeline";

const T0 = 1_763_836_800_000;

function segment(number: number, from: number, to: number, more: Partial<ListedSegment> = {}): ListedSegment {
  return {
    segment: number,
    file: `segment-${number}-from-${from}.mkv`,
    bytes: 1_000,
    headerMissing: false,
    mimeType: "video/x-matroska",
    capturedFrom: T0 + from,
    capturedTo: T0 + to,
    ...more,
  };
}
const stream = (segments: ListedSegment[], more: Partial<ListedStream> = {}): ListedStream => ({
  segments,
  gapList: [],
  mutes: [],
  ...more,
});

describe("the timeline of a recording", () => {
  it("lays both streams where they were captured, from the first media of either", () => {
    const { durationMs, pieces } = timelineOf({
      video: stream([segment(0, 300, 5_000), segment(1, 7_000, 9_000)]),
      audio: stream([segment(0, 100, 9_500)]),
    });
    expect(durationMs).toBe(9_400);
    expect(pieces.video.map(({ fromMs, toMs }) => [fromMs, toMs])).toEqual([
      [200, 4_900],
      [6_900, 8_900],
    ]);
    expect(pieces.audio.map(({ fromMs }) => fromMs)).toEqual([0]);
  });

  it("marks what never came, as long as it was, and when nobody could be heard", () => {
    const { marks } = timelineOf({
      video: stream([segment(0, 0, 5_000), segment(1, 7_000, 9_000)], {
        gapList: [{ at: T0 + 5_000, ms: 2_000 }],
      }),
      audio: stream([segment(0, 0, 9_000)], {
        mutes: [
          { at: T0 + 1_000, muted: true },
          { at: T0 + 2_000, muted: false },
          { at: T0 + 8_000, muted: true },
        ],
      }),
    });
    expect(marks).toEqual([
      { kind: "gap", stream: "video", fromMs: 5_000, toMs: 7_000 },
      { kind: "muted", stream: "audio", fromMs: 1_000, toMs: 2_000 },
      { kind: "muted", stream: "audio", fromMs: 8_000, toMs: 9_000 },
    ]);
  });

  it("takes what another process went on with for the same file, and leaves alone what has no beginning", () => {
    const { pieces, files } = timelineOf({
      video: stream([
        segment(0, 0, 4_000),
        segment(0, 4_000, 6_000, { headerMissing: true, file: "segment-0-from-40.mkv" }),
        segment(3, 8_000, 9_000, { headerMissing: true }),
      ]),
    });
    expect(pieces.video).toHaveLength(1);
    expect(pieces.video[0]).toMatchObject({
      toMs: 6_000,
      files: ["segment-0-from-0.mkv", "segment-0-from-40.mkv"],
    });
    // Each file can be downloaded all the same.
    expect(files).toHaveLength(3);
  });

  it("of nothing is empty", () => {
    expect(timelineOf({})).toMatchObject({ durationMs: 0, pieces: { video: [], audio: [] } });
    const empty = segment(0, 0, 0, { capturedFrom: null, capturedTo: null });
    expect(timelineOf({ video: stream([empty]) }).durationMs).toBe(0);
  });
});

describe("the container of both streams", () => {
  it.each([
    [["avc", "opus"], "mp4"],
    [["avc", "aac"], "mp4"],
    [["vp8", "opus"], "webm"],
    [["vp9"], "webm"],
    [["vp8", "avc", "opus"], null],
    [["vp8", "aac"], null],
  ] as const)("of %j is %s", (codecs, container) => {
    expect(containerOf(new Set(codecs))).toBe(container);
  });
});
