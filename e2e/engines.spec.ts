import type { StreamKind } from "twincast";
import { holdDevice, loseDevice, pauseSoundNowAndThen, watchTracks } from "./support/device-faults.ts";
import { type EngineMetadata, expect, test } from "./support/fixtures.ts";
import {
  allowDevices,
  badge,
  decodeSegments,
  gate,
  receives,
  startStreaming,
  stopStreaming,
} from "./support/flows.ts";
import { levelMoves } from "./support/level.ts";
import { accountOf } from "./support/recording.ts";
import { record } from "./support/ui.ts";

const KINDS = ["video", "audio"] as const;

test(
  "encodes with WebCodecs where it is asked to and has it, else says so",
  { tag: "@every-engine" },
  async ({ ui, backend, pageUrl }, info) => {
    await allowDevices(ui, `${pageUrl}?encoder=webcodecs`);
    const hasIt = await ui.evaluate(() => "VideoEncoder" in globalThis, null);
    await ui.press("Start streaming");
    if (!hasIt) {
      for (const kind of KINDS) await ui.see(badge(kind, "failed"));
      for (const kind of KINDS) expect(backend.recording.stream(kind).chunks).toEqual([]);
      return;
    }
    for (const kind of KINDS) await receives(backend, kind, 3);
    await stopStreaming(ui);
    for (const kind of KINDS) {
      const stream = backend.recording.stream(kind);
      expect(new Set(stream.announcements.map(({ encoder }) => encoder?.name))).toEqual(
        new Set(["webcodecs"]),
      );
      expect(stream.verified).toBe(true);
      for (const decoded of await decodeSegments(stream, info.outputDir)) {
        expect(decoded).toMatchObject({ type: kind, complaints: "" });
      }
    }
  },
);

test(
  "encodes with MediaRecorder where it is asked to and has one, else says so",
  {
    tag: ["@every-engine", "@no-media-recorder"],
  },
  async ({ ui, backend, pageUrl }, info) => {
    await allowDevices(ui, `${pageUrl}?encoder=media-recorder`);
    const hasOne = await ui.evaluate(() => "MediaRecorder" in globalThis, null);
    await ui.press("Start streaming");
    if (!hasOne) {
      for (const kind of KINDS) await ui.see(badge(kind, "failed"));
      for (const kind of KINDS) expect(backend.recording.stream(kind).chunks).toEqual([]);
      return;
    }
    // Its MP4 comes once a second, the sound's first bytes after a bit more.
    for (const kind of KINDS) await receives(backend, kind, 4);
    await stopStreaming(ui);
    for (const kind of KINDS) {
      const stream = backend.recording.stream(kind);
      expect(new Set(stream.announcements.map(({ encoder }) => encoder?.name))).toEqual(
        new Set(["media-recorder"]),
      );
      expect(stream.verified).toBe(true);
      for (const decoded of await decodeSegments(stream, info.outputDir)) {
        expect(decoded).toMatchObject({ type: kind, complaints: "" });
      }
    }
  },
);

test("moves the level with the sound", { tag: "@every-engine" }, async ({ ui, pageUrl }, info) => {
  await ui.open(pageUrl);
  await ui.see(gate("before-asking"));
  await watchTracks(ui);
  await ui.press("Allow camera and microphone");
  await ui.see(record("ready"));
  // The fake microphones beep, so the level goes up and down; but Firefox's hums.
  if ((info.project.metadata as EngineMetadata).engine === "firefox") await pauseSoundNowAndThen(ui);
  await levelMoves(ui);
});

test.describe("with two cameras", () => {
  test.use({ devices: "two-cameras" });

  test(
    "switches the camera without losing sound",
    { tag: "@every-engine" },
    async ({ ui, backend, pageUrl }, info) => {
      await startStreaming(ui, pageUrl);
      for (const kind of KINDS) await receives(backend, kind, 2);
      await ui.press("Switch camera");
      await expect
        .poll(() => backend.recording.stream("video").segmentFiles.length, { timeout: 15_000 })
        .toBe(2);
      await receives(backend, "video", 6);
      await receives(backend, "audio", 6);
      await stopStreaming(ui);

      const video = backend.recording.stream("video");
      const audio = backend.recording.stream("audio");
      const decoded = await decodeSegments(video, info.outputDir);
      expect(decoded).toMatchObject([
        { type: "video", complaints: "" },
        { type: "video", complaints: "" },
      ]);
      for (const { frames } of decoded) expect(frames).toBeGreaterThan(4);
      expect(audio.segmentFiles).toHaveLength(1);
      for (const stream of [video, audio]) {
        expect(accountOf(stream)).toMatchObject({ missing: [], repeated: [] });
        expect(stream.gaps).toEqual([]);
        expect(stream.connections).toBe(1);
        expect(stream.verified).toBe(true);
      }
    },
  );
});

test.describe("with two cameras that workers read themselves", () => {
  test.use({ devices: "two-cameras" });

  test(
    "switches the camera, and reads the other one in its worker",
    { tag: "@track-processing" },
    async ({ ui, backend, pageUrl }, info) => {
      await startStreaming(ui, `${pageUrl}?encoder=webcodecs`);
      const has = await ui.evaluate(async () => {
        const code = "postMessage(typeof MediaStreamTrackProcessor)";
        const worker = new Worker(URL.createObjectURL(new Blob([code])));
        const inWorker = await new Promise((resolve) => {
          worker.onmessage = ({ data }) => resolve(data);
        });
        return { onPage: "MediaStreamTrackProcessor" in globalThis, inWorker };
      }, null);
      expect(has).toEqual({ onPage: false, inWorker: "function" });
      for (const kind of KINDS) await receives(backend, kind, 2);
      await ui.press("Switch camera");
      const video = backend.recording.stream("video");
      await expect.poll(() => video.segmentFiles.length, { timeout: 15_000 }).toBe(2);
      for (const kind of KINDS) await receives(backend, kind, 6);
      await stopStreaming(ui);

      expect(video.announcements.map(({ encoder }) => encoder?.name)).toEqual(["webcodecs", "webcodecs"]);
      for (const decoded of await decodeSegments(video, info.outputDir)) {
        expect(decoded).toMatchObject({ type: "video", complaints: "" });
      }
      expect(accountOf(video)).toMatchObject({ missing: [], repeated: [] });
      expect(video.gaps).toEqual([]);
      expect(video.verified).toBe(true);
    },
  );
});

test(
  "takes a camera that was lost again, and the sound goes on",
  { tag: "@every-engine" },
  async ({ ui, backend, pageUrl }, info) => {
    await ui.open(pageUrl);
    await ui.see(gate("before-asking"));
    await watchTracks(ui);
    await ui.press("Allow camera and microphone");
    await ui.press("Start streaming");
    for (const kind of KINDS) await receives(backend, kind, 2);
    await loseDevice(ui, "video");
    await expect
      .poll(() => backend.recording.stream("video").segmentFiles.length, { timeout: 15_000 })
      .toBeGreaterThan(1);
    for (const kind of KINDS) await receives(backend, kind, 6);
    await ui.see(badge("video", "live"));
    await stopStreaming(ui);

    const video = backend.recording.stream("video");
    const audio = backend.recording.stream("audio");
    for (const decoded of await decodeSegments(video, info.outputDir)) {
      expect(decoded).toMatchObject({ type: "video", complaints: "" });
    }
    expect(audio.segmentFiles).toHaveLength(1);
    for (const stream of [video, audio]) {
      expect(accountOf(stream)).toMatchObject({ missing: [], repeated: [] });
      expect(stream.connections).toBe(1);
      expect(stream.verified).toBe(true);
    }
  },
);

test(
  "takes a microphone that was lost again, and the picture goes on",
  { tag: "@every-engine" },
  async ({ ui, backend, pageUrl }, info) => {
    await ui.open(pageUrl);
    await ui.see(gate("before-asking"));
    await watchTracks(ui);
    await ui.press("Allow camera and microphone");
    await ui.press("Start streaming");
    for (const kind of KINDS) await receives(backend, kind, 2);
    await loseDevice(ui, "audio");
    await expect
      .poll(() => backend.recording.stream("audio").segmentFiles.length, { timeout: 15_000 })
      .toBeGreaterThan(1);
    for (const kind of KINDS) await receives(backend, kind, 6);
    await stopStreaming(ui);

    const video = backend.recording.stream("video");
    const audio = backend.recording.stream("audio");
    for (const decoded of await decodeSegments(audio, info.outputDir)) {
      expect(decoded).toMatchObject({ type: "audio", complaints: "" });
    }
    expect(video.segmentFiles).toHaveLength(1);
    for (const stream of [video, audio]) {
      expect(accountOf(stream)).toMatchObject({ missing: [], repeated: [] });
      expect(stream.verified).toBe(true);
    }
  },
);

test("shows a call, and goes on after it", { tag: "@every-engine" }, async ({ ui, backend, pageUrl }) => {
  await ui.open(pageUrl);
  await ui.see(gate("before-asking"));
  await watchTracks(ui);
  await ui.press("Allow camera and microphone");
  await ui.press("Start streaming");
  await ui.see(record("live"));
  for (const kind of KINDS) await receives(backend, kind, 1);
  const visualizer = (state: string) => `[data-state="${state}"] [role=meter]`;
  await ui.see(visualizer("listening"));
  await holdDevice(ui, "audio", true);
  await ui.see(visualizer("interrupted"));
  const chunks = (kind: StreamKind) => backend.recording.stream(kind).chunks.length;
  const [videoBefore, audioBefore] = [chunks("video"), chunks("audio")];
  await expect.poll(() => chunks("video"), { timeout: 10_000 }).toBeGreaterThan(videoBefore + 3);
  await holdDevice(ui, "audio", false);
  await ui.see(visualizer("listening"));
  await expect.poll(() => chunks("audio"), { timeout: 10_000 }).toBeGreaterThan(audioBefore + 3);
  await stopStreaming(ui);
  for (const kind of KINDS) {
    const stream = backend.recording.stream(kind);
    expect(accountOf(stream)).toMatchObject({ missing: [], repeated: [] });
    expect(stream.verified).toBe(true);
  }
});

test("streams from the page where workers cannot be had", async ({ ui, backend, pageUrl }, info) => {
  await ui.open(pageUrl);
  await ui.see(gate("before-asking"));
  await ui.evaluate(() => {
    globalThis.Worker = class {
      constructor() {
        throw new DOMException("worker-src does not allow it", "SecurityError");
      }
    } as unknown as typeof Worker;
  }, null);
  await ui.press("Allow camera and microphone");
  await ui.press("Start streaming");
  await levelMoves(ui);
  for (const kind of KINDS) await receives(backend, kind, 3);
  await stopStreaming(ui);
  for (const kind of KINDS) {
    const stream = backend.recording.stream(kind);
    expect(stream.verified).toBe(true);
    for (const decoded of await decodeSegments(stream, info.outputDir)) {
      expect(decoded).toMatchObject({ type: kind, complaints: "" });
    }
  }
});
