/** The worker's end of a stream, told what a page may tell it in any order. */
import { expect, it } from "vitest";
import type { ChunkSink } from "../capture";
import { FakeClock, settle } from "../testing/fake-clock";
import { DEFAULT_LIMITS } from "../transport";
import type { Codecs, HostEncoder } from "./codecs";
import type { EncodePlan, EncoderInput, WorkerEvent } from "./commands";
import { StreamHost } from "./host";
import { FLUSH_MS } from "./host-encoding";
import { FakeTrack } from "./testing/both-ends";

const PLAN: EncodePlan = {
  stream: "audio",
  bitsPerSecond: 64_000,
  cadence: "realtime",
  reason: "a test",
  isLastResort: false,
};

function host({
  loads = Promise.resolve(),
  stop = async () => {},
}: {
  loads?: Promise<void>;
  stop?: () => Promise<void>;
} = {}) {
  const clock = new FakeClock();
  const events: WorkerEvent[] = [];
  const encoders: { input: EncoderInput; sink: ChunkSink; isReleased: boolean }[] = [];
  const codecs: Codecs = {
    hasTrackProcessor: true,
    probe: () => Promise.reject(new Error("nobody asks")),
    create: (): HostEncoder => {
      const made = { isReleased: false } as (typeof encoders)[number];
      return {
        start: async (input, sink) => {
          encoders.push(Object.assign(made, { input, sink }));
        },
        newSegment: () => {},
        release: () => {
          made.isReleased = true;
        },
        setDetails: () => {},
        setRate: () => {},
        stop,
        stats: () => ({ segments: 0, chunks: 0, bytes: 0, droppedFrames: 0, emptyChunks: 0, lostChunks: 0 }),
      };
    },
  };
  const made = new StreamHost(
    {
      clock,
      openStorage: async () => null,
      openSocket: () => ({ send: () => {}, close: () => {}, abandon: () => {} }),
      loadCodecs: () => loads.then(() => codecs),
    },
    (event) => events.push(event),
  );
  made.handle({
    kind: "start",
    options: {
      url: "wss://backend.test/ws/audio",
      session: "11111111-2222-4333-8444-555555555555",
      stream: "video",
      userAgent: "a test",
      limits: DEFAULT_LIMITS.audio,
    },
  });
  return { host: made, clock, events, encoders, kinds: () => events.map(({ kind }) => kind) };
}

function input() {
  const track = new FakeTrack();
  const given: EncoderInput = { from: "track", track: track as unknown as MediaStreamTrack, details: {} };
  return { track, given };
}

it("encodes nothing that comes after Stop, and lets go of it", async () => {
  const { host: made, encoders } = host();
  const { track, given } = input();
  made.handle({ kind: "finish" });
  await settle();
  made.handle({ kind: "encode", plan: PLAN, input: given });
  await settle();
  expect(encoders).toEqual([]);
  expect(track.readyState).toBe("ended");
});

it("lets go of the camera with Stop, and gives up an encoder that does not end", async () => {
  const { host: made, clock, encoders, kinds } = host({ stop: () => new Promise(() => {}) });
  made.handle({ kind: "encode", plan: PLAN, input: input().given });
  await settle();
  made.handle({ kind: "finish" });
  expect(encoders[0]?.isReleased).toBe(true);
  await clock.advance(FLUSH_MS);
  expect(kinds()).toContain("flushed");
});

it("lets go of an input for which there is no encoder", () => {
  const { host: made } = host();
  const { track, given } = input();
  made.handle({ kind: "encode-segment", input: given });
  expect(track.readyState).toBe("ended");
});

it("lets go of a camera while the encoder's code is on its way", async () => {
  const { host: made, kinds } = host({ loads: new Promise(() => {}) });
  const { track, given } = input();
  made.handle({ kind: "encode", plan: PLAN, input: given });
  await settle();
  made.handle({ kind: "release" });
  expect(track.readyState).toBe("ended");
  expect(kinds()).toContain("released");
});

it("lets go of the camera of an encoder that is given up, and takes nothing from it", async () => {
  const { host: made, encoders, kinds } = host();
  made.handle({ kind: "encode", plan: PLAN, input: input().given });
  await settle();
  made.handle({ kind: "encode-abort" });
  const [encoder] = encoders;
  expect(encoder?.isReleased).toBe(true);
  encoder?.sink.segment({
    mimeType: "audio/webm",
    startedAt: 0,
    encoder: { name: "webcodecs", reason: "a test" },
  });
  encoder?.sink.chunk({ payload: new Uint8Array(5), capturedFrom: 0, capturedTo: 20, keyFrame: true });
  expect(kinds()).not.toContain("segment");
  expect(kinds()).not.toContain("numbered");
});
