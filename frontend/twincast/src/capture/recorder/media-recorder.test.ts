import { beforeEach, describe, expect, it, vi } from "vitest";
import { FakeClock, settle } from "../../testing/fake-clock";
import { FakeTrack } from "../testing/fake-media";
import { FakeRecorderEngine, slowBlob, unreadableBlob } from "../testing/fake-recorder";
import { RecordingSink } from "../testing/recording-sink";
import { FIRST_BYTES_MS, MediaRecorderEncoder, type MediaRecorderEncoderOptions } from "./media-recorder";

const VP8 = "video/webm;codecs=vp8";
const VP9 = "video/webm;codecs=vp9";

let clock: FakeClock;
let sink: RecordingSink;
let track: FakeTrack;
const onFailure = vi.fn();

beforeEach(() => {
  clock = new FakeClock(1_000);
  sink = new RecordingSink();
  track = new FakeTrack("video");
  track.settings = { width: 720, height: 1280, frameRate: 30, facingMode: "user" };
  onFailure.mockReset();
});

const encoder = (
  engine: FakeRecorderEngine | undefined,
  options: Partial<MediaRecorderEncoderOptions> = {},
) =>
  new MediaRecorderEncoder({
    kind: "video",
    bitsPerSecond: 1_500_000,
    reason: "It is the one under test.",
    onFailure,
    clock,
    engine,
    ...options,
  });

/** An encoder that has given its first bytes, "a", 100 ms after its start. */
async function running(engine: FakeRecorderEngine) {
  const made = encoder(engine);
  const started = made.start(track.asTrack, sink);
  await clock.advance(100);
  engine.last.give("a");
  await started;
  return made;
}

describe("a recording", () => {
  it("is one segment whose chunks come in order", async () => {
    const engine = new FakeRecorderEngine({ [VP8]: {} });
    const made = await running(engine);
    engine.last.give("b");
    engine.last.tail = new Blob(["c"]);
    await made.stop();
    expect(sink.texts).toEqual(["a|b|c"]);
    expect(made.stats()).toMatchObject({ segments: 1, chunks: 3, bytes: 3 });
  });

  it("says how and from what it was made", async () => {
    const engine = new FakeRecorderEngine({ [VP8]: {} });
    await running(engine);
    expect(sink.segments[0]?.info).toEqual({
      mimeType: VP8,
      codecs: "vp8",
      startedAt: 1_000,
      encoder: { name: "media-recorder", reason: "It is the one under test." },
      width: 720,
      height: 1280,
      frameRate: 30,
      facing: "user",
    });
  });

  it("asks for an explicit rate and a short timeslice of WebM", async () => {
    const engine = new FakeRecorderEngine({ [VP8]: {} });
    await running(engine);
    expect(engine.last.options).toMatchObject({ mimeType: VP8, videoBitsPerSecond: 1_500_000 });
    expect(engine.last.timesliceMs).toBe(100);
  });

  it("asks for MP4 once a second, since Safari pays for more with key frames", async () => {
    const engine = new FakeRecorderEngine({ "video/mp4": {} });
    await running(engine);
    expect(engine.last.options.mimeType).toBe("video/mp4");
    expect(engine.last.timesliceMs).toBe(1_000);
  });

  it("takes more time for a chunk where it is asked to, and never less than its format needs", async () => {
    for (const [mimeType, asked, given] of [
      [VP8, 250, 250],
      [VP8, 20, 100],
      ["video/mp4", 250, 1_000],
    ] as const) {
      const engine = new FakeRecorderEngine({ [mimeType]: {} });
      void encoder(engine, { timesliceMs: asked }).start(track.asTrack, sink);
      expect(engine.last.timesliceMs).toBe(given);
    }
  });

  it("tells the type that the engine settled on, not the one that was asked for", async () => {
    const engine = new FakeRecorderEngine({ "video/mp4": { rewritesTo: 'video/mp4; codecs="avc1.4d002a"' } });
    await running(engine);
    expect(sink.segments[0]?.info).toMatchObject({
      mimeType: 'video/mp4; codecs="avc1.4d002a"',
      codecs: "avc1.4d002a",
    });
  });

  it("stamps each chunk from the end of the one before to its own arrival", async () => {
    const engine = new FakeRecorderEngine({ [VP8]: {} });
    await running(engine);
    await clock.advance(130);
    engine.last.give("b");
    await settle();
    const spans = sink.segments[0]?.chunks.map(({ capturedFrom, capturedTo }) => [capturedFrom, capturedTo]);
    expect(spans).toEqual([
      [1_000, 1_100],
      [1_100, 1_230],
    ]);
  });

  it("stamps never go backwards, even when the system's clock does", async () => {
    const engine = new FakeRecorderEngine({ [VP8]: {} });
    await running(engine);
    vi.spyOn(clock, "now").mockReturnValue(500);
    engine.last.give("b");
    await settle();
    expect(sink.segments[0]?.chunks[1]).toMatchObject({ capturedFrom: 1_100, capturedTo: 1_100 });
  });

  it("keeps its order when a later blob is converted sooner", async () => {
    const engine = new FakeRecorderEngine({ [VP8]: {} });
    await running(engine);
    const slow = slowBlob("slow");
    engine.last.give(slow.blob);
    engine.last.give("quick");
    await settle();
    expect(sink.texts).toEqual(["a…"]);
    slow.finish();
    await settle();
    expect(sink.texts).toEqual(["a|slow|quick…"]);
  });

  it("counts empty blobs and passes none on", async () => {
    const engine = new FakeRecorderEngine({ [VP8]: {} });
    const made = await running(engine);
    engine.last.give("");
    engine.last.give("");
    await settle();
    expect(sink.texts).toEqual(["a…"]);
    expect(made.stats().emptyChunks).toBe(2);
  });

  it("hands over a blob of 50 MB whole", async () => {
    const engine = new FakeRecorderEngine({ [VP8]: {} });
    const made = await running(engine);
    engine.last.give(new Blob([new Uint8Array(50_000_000)]));
    await made.stop();
    expect(sink.segments[0]?.chunks[1]?.payload.byteLength).toBe(50_000_000);
  });

  it("marks a video segment's first chunk as a key frame, and every chunk of audio", async () => {
    const engine = new FakeRecorderEngine({ [VP8]: {}, "audio/webm;codecs=opus": {} });
    const made = await running(engine);
    engine.last.give("b");
    await made.stop();
    expect(sink.segments[0]?.chunks.map(({ keyFrame }) => keyFrame)).toEqual([true, false]);

    const audioSink = new RecordingSink();
    const audio = encoder(engine, { kind: "audio" });
    void audio.start(new FakeTrack("audio").asTrack, audioSink);
    engine.last.give("x");
    engine.last.give("y");
    await audio.stop();
    expect(audioSink.segments[0]?.chunks.map(({ keyFrame }) => keyFrame)).toEqual([true, true]);
  });
});

describe("a format that gives no bytes", () => {
  it("is replaced by the next one, though the engine said yes to it", async () => {
    const engine = new FakeRecorderEngine({ [VP8]: { mute: true }, [VP9]: {} });
    const started = encoder(engine).start(track.asTrack, sink);
    await clock.advance(FIRST_BYTES_MS);
    engine.last.give("a");
    await started;
    expect(engine.recorders.map(({ options }) => options.mimeType)).toEqual([VP8, VP9]);
    expect(sink.segments[0]?.info.codecs).toBe("vp9");
  });

  it("is replaced at once when the constructor throws", async () => {
    const engine = new FakeRecorderEngine({ [VP8]: { refuses: true }, "video/mp4": {} });
    await running(engine);
    expect(sink.segments[0]?.info.mimeType).toBe("video/mp4");
  });

  it("leaves no trace in the sink", async () => {
    const engine = new FakeRecorderEngine({ [VP8]: { mute: true }, [VP9]: {} });
    void encoder(engine).start(track.asTrack, sink);
    await clock.advance(FIRST_BYTES_MS);
    expect(sink.segments).toEqual([]);
  });

  it("is an error that names every attempt when none is left", async () => {
    const engine = new FakeRecorderEngine({
      [VP8]: { mute: true },
      "video/mp4": { mute: true },
      "": { mute: true },
    });
    const started = encoder(engine).start(track.asTrack, sink);
    const failure = expect(started).rejects.toMatchObject({
      name: "EncoderError",
      code: "no-bytes",
      kind: "video",
      detail: expect.stringMatching(/vp8.*mp4.*default/),
    });
    await clock.advance(4 * FIRST_BYTES_MS);
    await failure;
    expect(onFailure).not.toHaveBeenCalled();
  });

  it.each([
    ["the track is muted", () => track.setMuted(true), () => track.setMuted(false)],
    [
      "the page is hidden",
      (engine: FakeRecorderEngine) => (engine.hidden = true),
      (engine: FakeRecorderEngine) => (engine.hidden = false),
    ],
  ])("is not blamed while %s", async (_state, interrupt, restore) => {
    const engine = new FakeRecorderEngine({ [VP8]: {}, [VP9]: {} });
    interrupt(engine);
    const started = encoder(engine).start(track.asTrack, sink);
    await clock.advance(10 * FIRST_BYTES_MS);
    restore(engine);
    engine.last.give("a");
    await started;
    expect(engine.recorders).toHaveLength(1);
  });

  it("is `unsupported` when there is no recorder at all", async () => {
    await expect(encoder(undefined).start(track.asTrack, sink)).rejects.toMatchObject({
      code: "unsupported",
    });
  });
});

describe("a new segment", () => {
  it("begins after everything of the old one, though both record at once", async () => {
    const engine = new FakeRecorderEngine({ [VP8]: {} });
    const made = await running(engine);
    const old = engine.last;
    const tail = slowBlob("tail");
    old.tail = tail.blob;
    made.newSegment();
    engine.last.give("new");
    await settle();
    expect(sink.texts).toEqual(["a…"]);
    tail.finish();
    await made.stop();
    expect(sink.texts).toEqual(["a|tail", "new"]);
    expect(engine.recorders).toHaveLength(2);
  });

  it("takes a new track and a new rate", async () => {
    const engine = new FakeRecorderEngine({ [VP8]: {} });
    const made = await running(engine);
    const back = new FakeTrack("video");
    back.settings = { width: 1280, height: 720, facingMode: "environment" };
    expect(made.setBitrate(700_000)).toBe("needs-segment");
    made.newSegment(back.asTrack);
    engine.last.give("b");
    await made.stop();
    expect(engine.last.options.videoBitsPerSecond).toBe(700_000);
    expect(sink.segments[1]?.info).toMatchObject({ facing: "environment", width: 1280 });
  });

  it("opens by itself when the recorder breaks off while the track lives", async () => {
    const engine = new FakeRecorderEngine({ [VP8]: {} });
    const made = await running(engine);
    await clock.advance(5_000);
    engine.last.breakOff();
    await settle();
    engine.last.give("b");
    await made.stop();
    expect(sink.texts).toEqual(["a", "b"]);
  });

  it("opens after a blob that cannot be read, since what follows it does not decode", async () => {
    const engine = new FakeRecorderEngine({ [VP8]: {} });
    const made = await running(engine);
    await clock.advance(5_000);
    engine.last.give(unreadableBlob());
    engine.last.give("undecodable");
    await settle();
    engine.last.give("b");
    await made.stop();
    expect(sink.texts).toEqual(["a", "b"]);
    expect(made.stats().lostChunks).toBe(2);
  });

  it("waits for a new track when the old one has ended", async () => {
    const engine = new FakeRecorderEngine({ [VP8]: {} });
    const made = await running(engine);
    track.readyState = "ended";
    engine.last.breakOff();
    await clock.advance(10 * FIRST_BYTES_MS);
    expect(sink.texts).toEqual(["a"]);
    expect(engine.recorders).toHaveLength(1);
    made.newSegment(new FakeTrack("video").asTrack);
    engine.last.give("b");
    await made.stop();
    expect(sink.texts).toEqual(["a", "b"]);
  });

  it("reports a recorder that never comes back", async () => {
    const engine = new FakeRecorderEngine({ [VP8]: {} });
    const made = await running(engine);
    vi.spyOn(engine, "create").mockImplementation(() => {
      throw new DOMException("no more", "UnknownError");
    });
    made.newSegment();
    await settle();
    expect(onFailure).toHaveBeenCalledWith(expect.objectContaining({ code: "broken", kind: "video" }));
  });
});

describe("stopping", () => {
  it("does not wait for a recorder that never stops", async () => {
    const engine = new FakeRecorderEngine({ [VP8]: {} });
    const made = await running(engine);
    engine.last.answersStop = false;
    const stopped = made.stop();
    await clock.advance(5_000);
    await stopped;
    expect(sink.texts).toEqual(["a"]);
    expect(clock.pending).toBe(0);
  });

  it("before the first bytes ends the start too, without a segment", async () => {
    const engine = new FakeRecorderEngine({ [VP8]: { mute: true } });
    const made = encoder(engine);
    const started = made.start(track.asTrack, sink);
    await made.stop();
    await started;
    expect(sink.segments).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it("is for good: a camera that comes later is not recorded", async () => {
    const engine = new FakeRecorderEngine({ [VP8]: {} });
    const made = await running(engine);
    await made.stop();
    made.newSegment(new FakeTrack("video").asTrack);
    await clock.advance(5_000);
    expect(engine.recorders.map(({ state }) => state)).toEqual(["inactive"]);
    expect(sink.texts).toEqual(["a"]);
  });

  it("stamps the tail with the time of the stop, not of its late delivery", async () => {
    const engine = new FakeRecorderEngine({ [VP8]: {} });
    const made = await running(engine);
    engine.last.answersStop = false;
    const stopped = made.stop();
    await clock.advance(2_300);
    engine.last.give("tail");
    engine.last.breakOff();
    await stopped;
    expect(sink.texts).toEqual(["a|tail"]);
    expect(sink.segments[0]?.chunks[1]?.capturedTo).toBe(1_100);
  });
});
