import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeClock } from "../../testing/fake-clock";
import type { Track } from "../container/packets";
import { PlayedChunk, PlayedDecoder } from "../testing/decoders";
import { VideoPlayer } from "./video-player";

const TRACK: Track = { kind: "video", codec: "vp8", description: null, sampleRate: 0, channels: 0 };
const ANNEX_B: Track = { ...TRACK, codec: null };
/** A start code, and a sequence parameter set of a profile that is told. */
const SPS = Uint8Array.of(0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x1e, 0xff);

let clock: FakeClock;
let decoders: PlayedDecoder[];
let drawn: number[];
let skipped: [number, number][];
let failures: string[];
let delayMs: number;
let player: VideoPlayer;
const start = new FakeClock().now();

beforeAll(() => vi.stubGlobal("EncodedVideoChunk", PlayedChunk));
afterAll(() => vi.unstubAllGlobals());

beforeEach(() => {
  clock = new FakeClock();
  decoders = [];
  drawn = [];
  skipped = [];
  failures = [];
  // All that comes is due.
  delayMs = -1e6;
  player = new VideoPlayer({
    clock,
    dueInMs: (capturedAt, at) => capturedAt + delayMs - at,
    createDecoder: (init) => {
      const decoder = new PlayedDecoder(init);
      decoders.push(decoder);
      return decoder as unknown as VideoDecoder;
    },
    draw: (frame, capturedAt) => {
      drawn.push(capturedAt - start);
      frame.close();
    },
    onSkipped: (from, to) => skipped.push([from - start, to - start]),
    onFailure: (detail) => failures.push(detail),
  });
});

const give = (at: number, isKey = at === 0, data: Uint8Array<ArrayBuffer> = SPS) =>
  player.packet({ capturedAt: start + at, isKey, data });
const decoded = () => decoders.flatMap(({ given }) => given.map(({ timestamp }) => timestamp / 1e3 - start));

describe("pictures", () => {
  it("are decoded when they are due and not before, and drawn when they are decoded", () => {
    delayMs = 50;
    player.track(TRACK);
    give(0);
    give(33);
    expect(decoded()).toEqual([]);
    clock.advanceSync(50);
    expect(decoded()).toEqual([0]);
    clock.advanceSync(33);
    expect(decoded()).toEqual([0, 33]);
    decoders[0]?.give();
    expect(drawn).toEqual([0, 33]);
  });

  it("begin with a key frame", () => {
    player.track(TRACK);
    give(0, false);
    give(33, false);
    give(66, true);
    give(99, false);
    expect(decoded()).toEqual([66, 99]);
    // Nobody had seen anything yet: nothing is skipped.
    expect(skipped).toEqual([]);
  });

  it("of H.264 without a record are decoded by what their first packet says", () => {
    player.track(ANNEX_B);
    give(0);
    expect(decoders[0]?.config).toEqual({ codec: "avc1.42c01e", optimizeForLatency: true });
  });

  it("with a record are decoded with it", () => {
    player.track({ ...TRACK, codec: "avc1.64001f", description: Uint8Array.of(1, 2) });
    give(0);
    expect(decoders[0]?.config).toMatchObject({ codec: "avc1.64001f", description: Uint8Array.of(1, 2) });
  });

  it("of another segment have another decoder", () => {
    player.track(TRACK);
    give(0);
    player.track(TRACK);
    give(40, true);
    expect(decoders).toHaveLength(2);
    expect(decoders[0]?.state).toBe("closed");
  });

  it("that are far behind are hurried through: only some are drawn", () => {
    player.track(TRACK);
    for (let at = 0; at < 50; at++) give(at, at === 0);
    decoders[0]?.give();
    expect(drawn.length).toBeLessThan(6);
    expect(drawn.at(-1)).toBe(49);
  });

  it("go on at the next key frame when the decoder is too slow, and that is told", () => {
    player.track(TRACK);
    for (let at = 0; at < 10; at++) give(at, at === 0);
    decoders[0]?.give({}, 1);
    for (let at = 10; at < 200; at++) give(at, at === 150);
    expect(decoders).toHaveLength(2);
    expect(decoders[1]?.given[0]).toMatchObject({ type: "key", timestamp: (start + 150) * 1e3 });
    expect(skipped).toEqual([[62, 150]]);
  });

  it("that wait are bounded, whatever their times say", () => {
    delayMs = 1e9;
    player.track(TRACK);
    const large = new Uint8Array(100_000);
    for (let at = 0; at < 1_000; at++) give(at, at % 60 === 0, large);
    clock.advanceSync(2e9);
    expect(decoded().length).toBeLessThanOrEqual(60);
    expect(decoders.at(-1)?.given[0]?.type).toBe("key");
  });

  it("go on after a decoder broke, with the next key frame", () => {
    player.track(TRACK);
    give(0);
    decoders[0]?.break();
    give(33);
    give(66, true);
    expect(decoders).toHaveLength(2);
    expect(failures).toEqual([]);
  });

  it("are given up when it breaks again at once, or cannot be set up at all, until another segment comes", () => {
    player.track(TRACK);
    give(0);
    decoders[0]?.break();
    give(66, true);
    decoders[1]?.break();
    expect(failures).toHaveLength(1);
    give(99, true);
    expect(decoders).toHaveLength(2);
    player.track(TRACK);
    give(120, true);
    decoders[2]?.break("NotSupportedError");
    expect(failures).toHaveLength(2);
  });

  it("are forgotten when the stream goes on elsewhere", () => {
    delayMs = 100;
    player.track(TRACK);
    give(0);
    clock.advanceSync(100);
    give(33);
    player.rejoin();
    clock.advanceSync(1_000);
    give(2_000, true);
    clock.advanceSync(1_000);
    expect(decoded()).toEqual([0, 2_000]);
  });

  it("never break a decoder's rules, and leave nothing behind, whatever comes in whatever order", () => {
    const step = fc.constantFrom(
      "key",
      "delta",
      "track",
      "rejoin",
      "close",
      "give",
      "break",
      "wait",
      "later",
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        player.close();
        delayMs = 0;
        decoders = [];
        let at = clock.now() - start;
        for (const one of steps) {
          at += 33;
          if (one === "key" || one === "delta") give(at, one === "key");
          if (one === "track") player.track(TRACK);
          if (one === "rejoin") player.rejoin();
          if (one === "close") player.close();
          if (one === "give") decoders.at(-1)?.give();
          if (one === "break" && decoders.at(-1)?.state === "configured") decoders.at(-1)?.break();
          if (one === "wait") clock.advanceSync(50);
          if (one === "later") delayMs = 200 - delayMs;
        }
        player.close();
        expect(clock.pending).toBe(0);
        expect(decoders.every(({ state }) => state === "closed")).toBe(true);
        for (const { given } of decoders) {
          const times = given.map(({ timestamp }) => timestamp);
          expect(times).toEqual(times.toSorted((a, b) => a - b));
        }
      }),
    );
  });
});
