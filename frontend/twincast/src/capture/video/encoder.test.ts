import { beforeEach, describe, expect, it, vi } from "vitest";
import { FakeClock, settle } from "../../testing/fake-clock";
import { FLUSH_MS } from "../encode/current-codec";
import { LAST_RESORT_MS } from "../encode/encoder";
import { FIRST_BYTES_MS } from "../encode/output";
import { FakeDerivedFrame, FakeEncoders, FakeFrame, fakeMuxer } from "../testing/fake-codecs";
import { RecordingSink } from "../testing/recording-sink";
import { STALL_MS, WebCodecsVideoEncoder, type WebCodecsVideoOptions } from "./encoder";
import type { FrameDetails, FrameInput } from "./frame-input";

vi.stubGlobal("VideoFrame", FakeDerivedFrame);

let clock: FakeClock;
let sink: RecordingSink;
let encoders: FakeEncoders;
let camera: Camera;
const onFailure = vi.fn();

/** A source of frames, one each 50 ms, whose timestamps count from an instant of its own. */
class Camera {
  readonly frames: FakeFrame[] = [];
  readonly input: FrameInput;
  isCancelled = false;
  #controller: ReadableStreamDefaultController<VideoFrame> | undefined;
  #timestampUs: number;

  constructor(details: FrameDetails = {}, firstTimestampUs = 0) {
    this.#timestampUs = firstTimestampUs;
    const frames = new ReadableStream<VideoFrame>({
      start: (controller) => {
        this.#controller = controller;
      },
      cancel: () => {
        this.isCancelled = true;
      },
    });
    this.input = { from: "frames", frames, details };
  }

  async shoot(count: number, width?: number, height?: number, rotation?: number | "hidden"): Promise<void> {
    for (let i = 0; i < count; i++) {
      const frame = new FakeFrame(this.#timestampUs, width, height, rotation);
      this.#timestampUs += 50_000;
      this.frames.push(frame);
      if (!this.isCancelled) this.#controller?.enqueue(frame.asFrame);
      await clock.advance(50);
    }
  }

  end(): void {
    this.#controller?.close();
  }
}

const drawer = {
  draw: vi.fn(
    (_frame: VideoFrame, { width, height }, timestamp: number) =>
      new FakeFrame(timestamp, width, height).asFrame,
  ),
};

function encoder(options: Partial<WebCodecsVideoOptions> = {}): WebCodecsVideoEncoder {
  return new WebCodecsVideoEncoder({
    choice: { codec: "avc", config: { codec: "avc1.64001F", latencyMode: "realtime" } },
    maxSize: { width: 1280, height: 720 },
    frameRate: 20,
    bitsPerSecond: 1_500_000,
    reason: "It is the one under test.",
    onFailure,
    cadence: "realtime",
    clock,
    createEncoder: encoders.video,
    loadMuxer: async () => fakeMuxer,
    drawer,
    ...options,
  });
}

beforeEach(() => {
  clock = new FakeClock(10_000);
  sink = new RecordingSink();
  encoders = new FakeEncoders();
  camera = new Camera({ facing: "user", orientation: 90 });
  onFailure.mockReset();
  drawer.draw.mockClear();
});

describe("encoding frame by frame", () => {
  it("makes one segment that begins with a key frame", async () => {
    const made = encoder();
    const started = made.start(camera.input, sink);
    await camera.shoot(3);
    await started;
    await made.stop();
    expect(sink.texts).toEqual(["<avc> K0 |d50 |d100 |</>"]);
    expect(made.stats()).toMatchObject({ segments: 1, droppedFrames: 0 });
  });

  it("says how and from what the segment was made", async () => {
    const made = encoder();
    void made.start(camera.input, sink);
    await camera.shoot(1);
    expect(sink.segments[0]?.info).toEqual({
      mimeType: "video/fake;codecs=avc1.64001F",
      codecs: "avc1.64001F",
      startedAt: 10_000,
      encoder: { name: "webcodecs", reason: "It is the one under test." },
      width: 640,
      height: 480,
      frameRate: 20,
      facing: "user",
      orientation: 90,
    });
    await made.stop();
  });

  it("lets go of every frame", async () => {
    const made = encoder();
    void made.start(camera.input, sink);
    await camera.shoot(5);
    await made.stop();
    await camera.shoot(1);
    expect(camera.frames.slice(0, 5).every(({ isClosed }) => isClosed)).toBe(true);
    expect(camera.isCancelled).toBe(true);
  });

  it("asks for a key frame every two seconds", async () => {
    const made = encoder();
    void made.start(camera.input, sink);
    await camera.shoot(100);
    await made.stop();
    expect(
      encoders.last.encoded.filter(({ keyFrame }) => keyFrame).map(({ timestamp }) => timestamp),
    ).toEqual([0, 2_000_000, 4_000_000]);
  });

  it("stamps each frame with its capture, and joins the spans", async () => {
    const made = encoder();
    void made.start(camera.input, sink);
    await camera.shoot(3);
    await made.stop();
    const spans = sink.segments[0]?.chunks.map(({ capturedFrom, capturedTo }) => [capturedFrom, capturedTo]);
    expect(spans?.slice(0, 3)).toEqual([
      [10_000, 10_000],
      [10_000, 10_050],
      [10_050, 10_100],
    ]);
  });
});

it("closes what it draws, and its codec", async () => {
  const made = encoder();
  void made.start(camera.input, sink);
  await camera.shoot(3, 480, 640, 90);
  await made.stop();
  expect(drawer.draw).toHaveBeenCalled();
  for (const { value } of drawer.draw.mock.results) expect(value).toMatchObject({ isClosed: true });
  expect(encoders.last.state).toBe("closed");
});

it("ends within its time where the codec gives its last frames never", async () => {
  encoders.prepare = (codec) => {
    codec.flush = () => new Promise(() => {});
  };
  const made = encoder();
  void made.start(camera.input, sink);
  await camera.shoot(3);
  let isStopped = false;
  void made.stop().then(() => {
    isStopped = true;
  });
  await clock.advance(FLUSH_MS);
  expect(isStopped).toBe(true);
});

describe("a new segment", () => {
  it("takes no frame that the former camera still gave", async () => {
    const made = encoder();
    void made.start(camera.input, sink);
    await camera.shoot(2);
    const other = new Camera({}, 7_000_000);
    const late = camera.shoot(1);
    made.newSegment(other.input);
    await late;
    expect(encoders.last.encoded).toHaveLength(2);
    expect(camera.frames.every(({ isClosed }) => isClosed)).toBe(true);
    await other.shoot(1);
    expect(encoders.last.encoded).toHaveLength(3);
    await made.stop();
  });

  it("costs no frame: the encoder goes on and gives a key frame", async () => {
    const made = encoder();
    void made.start(camera.input, sink);
    await camera.shoot(2);
    made.newSegment();
    await camera.shoot(2);
    await made.stop();
    expect(sink.texts).toEqual(["<avc> K0 |d50 |</>", "<avc> K100 |d150 |</>"]);
    expect(encoders.made).toHaveLength(1);
  });

  it("begins with the next key frame when the encoder leaves the first one out", async () => {
    encoders.prepare = (made) => {
      made.leavesOut = new Set([2]);
    };
    const made = encoder();
    void made.start(camera.input, sink);
    await camera.shoot(2);
    made.newSegment();
    await camera.shoot(4);
    await made.stop();
    expect(sink.texts[0]).toBe("<avc> K0 |d50 |</>");
    expect(sink.texts[1]).toMatch(/^<avc> K200 \|d250/);
    expect(made.stats().droppedFrames).toBe(2);
  });

  it("takes another camera, whose clock is another", async () => {
    const made = encoder();
    void made.start(camera.input, sink);
    await camera.shoot(2);
    const back = new Camera({ facing: "environment" }, 7);
    made.newSegment(back.input);
    await back.shoot(2);
    await made.stop();
    expect(camera.isCancelled).toBe(true);
    expect(sink.texts).toEqual(["<avc> K0 |d50 |</>", "<avc> K100 |d150 |</>"]);
    expect(sink.segments[1]?.info.facing).toBe("environment");
  });

  it("waits for another camera when this one ends", async () => {
    const made = encoder();
    void made.start(camera.input, sink);
    await camera.shoot(2);
    camera.end();
    await clock.advance(60_000);
    const again = new Camera({}, 0);
    made.newSegment(again.input);
    await again.shoot(1);
    await made.stop();
    expect(sink.segments).toHaveLength(2);
    expect(onFailure).not.toHaveBeenCalled();
  });

  it("begins when the picture's size changes, and the encoder takes the new size", async () => {
    const made = encoder();
    void made.start(camera.input, sink);
    await camera.shoot(2, 640, 480);
    await camera.shoot(2, 480, 640);
    await made.stop();
    expect(sink.segments.map(({ info }) => [info.width, info.height])).toEqual([
      [640, 480],
      [480, 640],
    ]);
    expect(encoders.last.configs.map(({ width, height }) => [width, height])).toEqual([
      [640, 480],
      [480, 640],
    ]);
  });

  it("begins when the decoder has to be set up anew, at the next key frame", async () => {
    const made = encoder();
    void made.start(camera.input, sink);
    await camera.shoot(2);
    encoders.last.changeConfig(Uint8Array.of(1, 2, 3));
    await camera.shoot(3);
    await made.stop();
    expect(sink.texts).toEqual(["<avc> K0 |d50 |</>", "<avc> K150 |d200 |</>"]);
  });
});

describe("the picture", () => {
  it("is drawn upright when its pixels lie on their side", async () => {
    const made = encoder();
    void made.start(camera.input, sink);
    await camera.shoot(1, 480, 640, 90);
    await made.stop();
    expect(drawer.draw).toHaveBeenCalledWith(camera.frames[0], { width: 480, height: 640 }, 0);
  });

  it("is encoded smaller when the camera gives more than was asked for", async () => {
    const made = encoder();
    void made.start(camera.input, sink);
    await camera.shoot(1, 1080, 1920);
    await made.stop();
    expect(sink.segments[0]?.info).toMatchObject({ width: 720, height: 1280 });
  });

  it("takes the size that the page sees where frames hide how they lie", async () => {
    const made = encoder();
    const track = {
      from: "track",
      track: {} as MediaStreamTrack,
      details: { width: 720, height: 1280 },
    } as const;
    vi.stubGlobal(
      "MediaStreamTrackProcessor",
      class {
        readable = camera.input.from === "frames" && camera.input.frames;
      },
    );
    void made.start(track, sink);
    await camera.shoot(1, 1280, 720, "hidden");
    vi.stubGlobal("MediaStreamTrackProcessor", undefined);
    await made.stop();
    expect(sink.segments[0]?.info).toMatchObject({ width: 720, height: 1280 });
  });

  it("is passed on untouched when nothing is wrong with it", async () => {
    const made = encoder();
    void made.start(camera.input, sink);
    await camera.shoot(3);
    await made.stop();
    expect(drawer.draw).not.toHaveBeenCalled();
  });
});

describe("rates", () => {
  it("change live, without a new segment", async () => {
    const made = encoder();
    void made.start(camera.input, sink);
    await camera.shoot(2);
    expect(made.setBitrate(400_000)).toBe("applied");
    await camera.shoot(2);
    await made.stop();
    expect(encoders.last.configs.map(({ bitrate }) => bitrate)).toEqual([1_500_000, 400_000]);
    expect(sink.segments).toHaveLength(1);
  });

  it("of frames are halved on purpose, which is no drop", async () => {
    const made = encoder();
    void made.start(camera.input, sink);
    await camera.shoot(1);
    made.setPicture({
      bitsPerSecond: 1_500_000,
      framesPerSecond: 10,
      maxSize: { width: 1_280, height: 720 },
      keyFrameEveryMs: 2_000,
    });
    await camera.shoot(20);
    await made.stop();
    expect(encoders.last.encoded).toHaveLength(11);
    expect(made.stats().droppedFrames).toBe(0);
  });
});

describe("a smaller picture", () => {
  const small = {
    bitsPerSecond: 60_000,
    framesPerSecond: 10,
    maxSize: { width: 320, height: 180 },
    keyFrameEveryMs: 6_000,
  };

  it("begins a segment of its size with a key frame, and goes back to the whole in another", async () => {
    const made = encoder();
    void made.start(camera.input, sink);
    await camera.shoot(4, 1_280, 720);
    made.setPicture(small);
    await camera.shoot(8, 1_280, 720);
    made.setPicture({ ...small, framesPerSecond: 20, maxSize: { width: 1_280, height: 720 } });
    await camera.shoot(2, 1_280, 720);
    await made.stop();
    expect(sink.segments.map(({ info: { width, height, frameRate } }) => [width, height, frameRate])).toEqual(
      [
        [1_280, 720, 20],
        [320, 180, 10],
        [1_280, 720, 20],
      ],
    );
    expect(encoders.made).toHaveLength(1);
    expect(encoders.last.encoded.map(({ keyFrame }) => keyFrame)).toEqual([
      ...[true, false, false, false],
      ...[true, false, false, false],
      ...[true, false],
    ]);
    expect(made.stats().droppedFrames).toBe(0);
  });

  it("is as small whichever way up, and never larger than what was asked for", async () => {
    const made = encoder();
    void made.start(camera.input, sink);
    made.setPicture(small);
    await camera.shoot(2, 720, 1_280);
    made.setPicture({ ...small, maxSize: { width: 1_920, height: 1_080 } });
    await camera.shoot(4, 1_920, 1_080);
    await made.stop();
    expect(sink.segments.map(({ info: { width, height } }) => [width, height])).toEqual([
      [180, 320],
      [1_280, 720],
    ]);
  });

  it("costs no segment where only rate, frames or key frames change", async () => {
    const made = encoder();
    void made.start(camera.input, sink);
    await camera.shoot(2);
    made.setPicture({ ...small, maxSize: { width: 1_280, height: 720 } });
    await camera.shoot(120);
    await made.stop();
    expect(sink.segments).toHaveLength(1);
    expect(encoders.last.configs.map(({ bitrate }) => bitrate)).toEqual([1_500_000, 60_000]);
    // 6 s at half the frames, and one key frame in it beside the first.
    expect(encoders.last.encoded.filter(({ keyFrame }) => keyFrame)).toHaveLength(2);
  });

  it("is taken up by the encoder that replaces one which was taken back", async () => {
    const made = encoder();
    void made.start(camera.input, sink);
    await camera.shoot(2, 1_280, 720);
    made.setPicture(small);
    encoders.last.fail("QuotaExceededError");
    await camera.shoot(4, 1_280, 720);
    await made.stop();
    expect(encoders.made).toHaveLength(2);
    expect(encoders.last.configs).toMatchObject([{ width: 320, height: 180, bitrate: 60_000 }]);
    expect(onFailure).not.toHaveBeenCalled();
  });
});

describe("a phone that cannot keep up", () => {
  it("drops frames at the source, and counts them", async () => {
    const made = encoder();
    void made.start(camera.input, sink);
    await camera.shoot(2);
    encoders.last.encodeQueueSize = 3;
    await camera.shoot(5);
    encoders.last.encodeQueueSize = 0;
    await camera.shoot(1);
    await made.stop();
    expect(made.stats().droppedFrames).toBe(5);
    expect(sink.texts[0]).toMatch(/d50 \|d350/);
  });

  it("drops frames also where the encoder's queue does not tell, and memory stays bounded", async () => {
    encoders.prepare = (made) => {
      made.isMute = true;
    };
    const made = encoder();
    void made.start(camera.input, sink);
    await camera.shoot(15);
    expect(encoders.last.encoded.length).toBeLessThanOrEqual(6);
    await made.stop();
  });
});

describe("an encoder that breaks", () => {
  it("is replaced once, in a new segment", async () => {
    const made = encoder();
    void made.start(camera.input, sink);
    await camera.shoot(2);
    encoders.last.fail("QuotaExceededError");
    await camera.shoot(2);
    await made.stop();
    expect(encoders.made).toHaveLength(2);
    expect(sink.texts).toEqual(["<avc> K0 |d50 |</>", "<avc> K100 |d150 |</>"]);
    expect(onFailure).not.toHaveBeenCalled();
  });

  it("in silence is found by the watchdog", async () => {
    const made = encoder();
    void made.start(camera.input, sink);
    await camera.shoot(2);
    encoders.last.isMute = true;
    await camera.shoot(STALL_MS / 50 + 2);
    await made.stop();
    expect(encoders.made).toHaveLength(2);
    expect(sink.segments).toHaveLength(2);
  });

  it("again at once is reported, with the open segment closed", async () => {
    const made = encoder();
    void made.start(camera.input, sink);
    await camera.shoot(2);
    encoders.last.fail("QuotaExceededError");
    await camera.shoot(2);
    encoders.last.fail("QuotaExceededError");
    await settle();
    expect(onFailure).toHaveBeenCalledWith(expect.objectContaining({ code: "broken", kind: "video" }));
    expect(sink.segments.every(({ isOpen }) => !isOpen)).toBe(true);
  });

  it("from the start is an error, and leaves no trace in the sink", async () => {
    encoders.prepare = (made) => {
      made.isMute = true;
    };
    const made = encoder();
    const started = expect(made.start(camera.input, sink)).rejects.toMatchObject({
      code: "no-bytes",
      kind: "video",
    });
    await camera.shoot(FIRST_BYTES_MS / 50 + 1);
    await started;
    expect(sink.segments).toEqual([]);
    expect(camera.isCancelled).toBe(true);
  });

  it("is waited for where nothing else can encode, and what it gives at last is taken", async () => {
    encoders.prepare = (made) => {
      made.isMute = encoders.made.length < 2;
    };
    const made = encoder({ isLastResort: true });
    const started = made.start(camera.input, sink);
    // The second one is given twice the first one's time.
    await camera.shoot((2.5 * STALL_MS) / 50);
    expect(encoders.made).toHaveLength(2);
    await camera.shoot((0.5 * STALL_MS) / 50 + 2);
    await started;
    await made.stop();
    expect(encoders.made).toHaveLength(3);
    expect(sink.segments).toHaveLength(1);
    expect(onFailure).not.toHaveBeenCalled();
  });

  it.each([true, false])(
    "is given up in the end where nothing else can encode; begun: %s",
    async (hasBegun) => {
      encoders.prepare = (made) => {
        made.isMute = !hasBegun || encoders.made.length > 0;
      };
      const made = encoder({ isLastResort: true });
      const started = made.start(camera.input, sink).then(
        () => "begun",
        ({ code }) => code,
      );
      await camera.shoot(2);
      if (hasBegun) encoders.last.isMute = true;
      await camera.shoot((LAST_RESORT_MS - 1_000) / 50);
      expect(onFailure).not.toHaveBeenCalled();
      await camera.shoot(4_000 / 50);
      expect(await started).toBe(hasBegun ? "begun" : "no-bytes");
      expect(onFailure).toHaveBeenCalledTimes(hasBegun ? 1 : 0);
      expect(camera.isCancelled).toBe(true);
      expect(clock.pending).toBe(0);
    },
  );

  it("is an error when the muxer does not load", async () => {
    const made = encoder({ loadMuxer: () => Promise.reject(new TypeError("Failed to fetch")) });
    const started = expect(made.start(camera.input, sink)).rejects.toMatchObject({
      code: "no-bytes",
      detail: expect.stringContaining("Failed to fetch"),
    });
    await camera.shoot(2);
    await started;
  });

  it("because its container does is reported too, with the open segment closed", async () => {
    const made = encoder({
      loadMuxer: async () => async (codec) => {
        const muxer = await fakeMuxer(codec);
        let frames = 0;
        return {
          ...muxer,
          add: (...frame) => (++frames > 2 ? Promise.reject(new Error("timestamps")) : muxer.add(...frame)),
        };
      },
    });
    void made.start(camera.input, sink);
    await camera.shoot(4);
    expect(sink.texts).toEqual(["<avc> K0 |d50 "]);
    expect(onFailure).toHaveBeenCalledWith(
      expect.objectContaining({ code: "broken", detail: "Error: timestamps" }),
    );
    expect(camera.isCancelled).toBe(true);
  });

  it("leaves no timer behind", async () => {
    const made = encoder();
    void made.start(camera.input, sink);
    await camera.shoot(2);
    await made.stop();
    expect(clock.pending).toBe(0);
  });
});
