import { beforeEach, describe, expect, it } from "vitest";
import { FakeClock } from "../testing/fake-clock";
import { avcLevel, type ProbeEnvironment, probeAudio, probeVideo, videoCandidates } from "./probe";
import { FakeEncoders, FakeFrame, fakeMuxer } from "./testing/fake-codecs";

const WISH = { size: { width: 1280, height: 720 }, frameRate: 30, bitsPerSecond: 1_500_000 };

let clock: FakeClock;
let encoders: FakeEncoders;
let supports: (config: VideoEncoderConfig) => boolean;

beforeEach(() => {
  clock = new FakeClock();
  encoders = new FakeEncoders();
  supports = () => true;
});

const environment = (overrides: Partial<ProbeEnvironment> = {}): ProbeEnvironment => ({
  clock,
  loadMuxer: async () => fakeMuxer,
  video: {
    isConfigSupported: async (config) => ({ supported: supports(config), config }),
    create: encoders.video,
    frame: (_size, timestampUs) => new FakeFrame(timestampUs).asFrame,
  },
  audio: {
    create: encoders.audio,
    block: (_sampleRate, timestampUs) => new FakeFrame(timestampUs) as unknown as AudioData,
  },
  ...overrides,
});

/** Lets all the time that a probe may take pass. */
async function withTime<Result>(work: Promise<Result>): Promise<Result> {
  let isDone = false;
  const done = work.finally(() => {
    isDone = true;
  });
  while (!isDone) await clock.advance(100);
  return done;
}

describe("a probe of video", () => {
  it("takes the first configuration that gives a key frame, and lets the encoder go", async () => {
    expect(await withTime(probeVideo(WISH, environment()))).toMatchObject({
      kind: "works",
      choice: { codec: "avc", config: { codec: "avc1.64001F", hardwareAcceleration: "prefer-hardware" } },
      reason: expect.stringContaining("avc1.64001F"),
    });
    expect(encoders.made.map(({ state }) => state)).toEqual(["closed"]);
  });

  it("believes a no", async () => {
    supports = ({ codec }) => codec === "vp8";
    expect(await withTime(probeVideo(WISH, environment()))).toMatchObject({
      kind: "works",
      choice: { codec: "vp8" },
    });
    expect(encoders.made).toHaveLength(1);
  });

  it("does not believe a yes: an encoder that gives nothing is passed over", async () => {
    encoders.prepare = (made) => {
      made.isMute = encoders.made.length === 0;
    };
    expect(await withTime(probeVideo(WISH, environment()))).toMatchObject({
      kind: "works",
      choice: { config: { codec: "avc1.4D401F" } },
    });
  });

  it("asks what is left beside encoders that look ahead, as Firefox's H.264 does", async () => {
    supports = ({ hardwareAcceleration }) => hardwareAcceleration === "no-preference";
    encoders.prepare = (made) => {
      made.isMute = encoders.made.length < 3;
    };
    const startedAt = clock.now();
    expect(await withTime(probeVideo(WISH, environment()))).toMatchObject({ choice: { codec: "vp8" } });
    expect(clock.now() - startedAt).toBeLessThan(1_500);
    expect(encoders.made.map(({ state }) => state)).toEqual(["closed", "closed", "closed", "closed"]);
  });

  it("waits for a slow encoder that comes first rather than take none", async () => {
    supports = ({ codec }) => codec === "avc1.64001F";
    encoders.prepare = (made) => {
      const { encode } = made;
      made.encode = (...input) =>
        void clock.after(1_200, () => {
          if (made.state === "configured") encode.apply(made, input);
        });
    };
    expect(await withTime(probeVideo(WISH, environment()))).toMatchObject({
      choice: { config: { codec: "avc1.64001F", hardwareAcceleration: "prefer-hardware" } },
    });
  });

  it("takes an exception for a no, as Safari 26 means it", async () => {
    supports = ({ codec }) => {
      if (codec.startsWith("avc1")) throw new TypeError("no");
      return true;
    };
    expect(await withTime(probeVideo(WISH, environment()))).toMatchObject({ choice: { codec: "vp8" } });
  });

  it("ends in time when every encoder is mute, and says what was tried", async () => {
    encoders.prepare = (made) => {
      made.isMute = true;
    };
    const startedAt = clock.now();
    expect(await withTime(probeVideo(WISH, environment()))).toMatchObject({
      kind: "fails",
      reason: expect.stringContaining("avc1.64001F (prefer-hardware): nothing in 1500 ms"),
    });
    expect(clock.now() - startedAt).toBeLessThanOrEqual(4_100);
    expect(encoders.made.every(({ state }) => state === "closed")).toBe(true);
  });

  it("passes over an encoder that breaks", async () => {
    encoders.prepare = (made) => {
      if (encoders.made.length === 0) made.encode = () => made.fail("EncodingError");
    };
    expect(await withTime(probeVideo(WISH, environment()))).toMatchObject({
      choice: { config: { codec: "avc1.4D401F" } },
    });
  });

  it("fails without WebCodecs, and without the muxer's code", async () => {
    const { video: _, ...without } = environment();
    expect(await probeVideo(WISH, without)).toEqual({ kind: "fails", reason: "VideoEncoder is not defined" });
    const loadMuxer = () => Promise.reject(new TypeError("Failed to fetch"));
    expect(await probeVideo(WISH, environment({ loadMuxer }))).toMatchObject({
      kind: "fails",
      reason: expect.stringContaining("Failed to fetch"),
    });
  });
});

describe("a probe of audio", () => {
  it("works where Opus comes out", async () => {
    expect(await withTime(probeAudio(48_000, 48_000, environment()))).toMatchObject({
      kind: "works",
      choice: "opus",
    });
  });

  it("fails where it does not", async () => {
    encoders.prepare = (made) => {
      made.isMute = true;
    };
    expect(await withTime(probeAudio(48_000, 48_000, environment()))).toEqual({
      kind: "fails",
      reason: "opus: nothing in 1500 ms",
    });
    const { audio: _, ...without } = environment();
    expect(await probeAudio(48_000, 48_000, without)).toMatchObject({ kind: "fails" });
  });
});

describe("the candidates for live video", () => {
  it("are hardware H.264 first and VP8 last, all in real time", () => {
    const candidates = videoCandidates(WISH);
    expect(candidates[0]?.config).toMatchObject({
      codec: "avc1.64001F",
      hardwareAcceleration: "prefer-hardware",
    });
    expect(candidates.at(-1)?.codec).toBe("vp8");
    expect(candidates.every(({ config }) => config.latencyMode === "realtime")).toBe(true);
  });

  it.each([
    [640, 480, 30, "1F"],
    [1280, 720, 30, "1F"],
    [720, 1280, 30, "1F"],
    [1280, 720, 60, "28"],
    [1920, 1080, 30, "28"],
    [3840, 2160, 30, "33"],
  ])("have the level for %d x %d at %d", (width, height, frameRate, level) => {
    expect(avcLevel({ width, height }, frameRate)).toBe(level);
  });
});
