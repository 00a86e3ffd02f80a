/**
 * What happens when the workers of the streams and of the meter, or the code that they need, are late, missing, or ended by
 * the system.
 */
import { expect, test } from "./support/fixtures.ts";
import {
  allowDevices,
  badge,
  gate,
  receives,
  record,
  startStreaming,
  stopStreaming,
} from "./support/flows.ts";
import { levelMoves } from "./support/level.ts";
import { accountOf } from "./support/recording.ts";
import { meterWorkers, streamWorkers } from "./support/workers.ts";

const KINDS = ["video", "audio"] as const;

test("records nothing after Stop, though the way of the sound to its worker was still opening", async ({
  ui,
  backend,
  pageUrl,
}) => {
  await ui.open(pageUrl);
  await ui.see(gate("before-asking"));
  await ui.evaluate(() => {
    const scope = globalThis as unknown as Record<string, unknown> & {
      MediaStreamTrackProcessor: new (init: { track: MediaStreamTrack }) => object;
      moduleArrived?: Promise<void>;
      releaseModule?: () => void;
    };
    // As the standard and Safari say: it reads pictures only, and sound takes the way of a worklet.
    const Processor = scope.MediaStreamTrackProcessor;
    scope.MediaStreamTrackProcessor = class extends Processor {
      constructor(init: { track: MediaStreamTrack }) {
        if (init.track.kind === "audio") throw new TypeError("Input track must be a video track");
        super(init);
      }
    };
    const { addModule } = AudioWorklet.prototype;
    const released = new Promise<void>((resolve) => {
      scope.releaseModule = resolve;
    });
    AudioWorklet.prototype.addModule = function (this: AudioWorklet, url, options) {
      const arrives = released.then(() => addModule.call(this, url, options));
      scope.moduleArrived = arrives;
      return arrives;
    };
  }, null);
  await ui.press("Allow camera and microphone");
  await ui.press("Start streaming");
  await receives(backend, "video", 1);
  const stoppedAt = Date.now();
  await stopStreaming(ui);
  expect(Date.now() - stoppedAt).toBeLessThan(7_000);

  await ui.evaluate(async () => {
    const scope = globalThis as { moduleArrived?: Promise<void>; releaseModule?: () => void };
    scope.releaseModule?.();
    await scope.moduleArrived;
  }, null);
  const [first] = backend.recording.sessions;
  const second = () => backend.recording.sessions.find((session) => session !== first);
  // A microphone that streams would be seen by the time that the next session's is.
  await ui.press("New session");
  await ui.press("Start streaming");
  await expect.poll(second).toBeDefined();
  await receives(backend, "audio", 1, second());
  await stopStreaming(ui);
  expect(backend.recording.stream("audio", first).chunks).toEqual([]);
  for (const kind of KINDS) expect(backend.recording.stream(kind, first).verified).toBe(true);
});

test("streams by MediaRecorder when the encoder's code is gone from the server", async ({
  ui,
  playwrightUi: { page },
  backend,
  pageUrl,
}) => {
  let refused = 0;
  // A page older than the deployment. The sentence is in the probe, which comes with the encoders.
  await page.context().route("**/_next/static/**/*.js", async (route) => {
    const text = await (await fetch(route.request().url())).text();
    if (!text.includes("no codec for live video is supported")) return route.continue();
    refused++;
    return route.fulfill({ status: 404, body: "" });
  });
  await startStreaming(ui, pageUrl);
  for (const kind of KINDS) await receives(backend, kind, 3);
  await stopStreaming(ui);
  expect(refused).toBeGreaterThan(0);
  for (const kind of KINDS) {
    const stream = backend.recording.stream(kind);
    expect(new Set(stream.announcements.map(({ encoder }) => encoder?.name))).toEqual(
      new Set(["media-recorder"]),
    );
    expect(stream.verified).toBe(true);
  }
});

test("shows the level on when the system ended the worker that draws it", async ({
  ui,
  playwrightUi: { page },
  pageUrl,
}) => {
  await allowDevices(ui, pageUrl);
  await levelMoves(ui);
  const [meter, ...others] = await meterWorkers(page);
  expect(others).toEqual([]);
  // It may be gone before it answers.
  await Promise.allSettled([meter?.evaluate(() => globalThis.close())]);
  await expect.poll(() => page.workers().some((worker) => worker === meter)).toBe(false);
  // Its canvas is lost with it, and what was drawn last stands still there.
  await levelMoves(ui);
});

test("shows that the system ended a worker, and goes on in another one behind an exact gap", async ({
  ui,
  playwrightUi: { page },
  backend,
  pageUrl,
}) => {
  await startStreaming(ui, pageUrl);
  for (const kind of KINDS) await receives(backend, kind, 3);
  // As iOS does it: without an event.
  await (await streamWorkers(page))[0]?.evaluate(() => globalThis.close());
  await ui.see(badge("video", "restarting"));
  await ui.see(badge("video", "live"), 15_000);
  const before = backend.recording.stream("video").chunks.length;
  await expect
    .poll(() => backend.recording.stream("video").chunks.length, { timeout: 15_000 })
    .toBeGreaterThan(before + 3);
  await stopStreaming(ui);

  const video = backend.recording.stream("video");
  expect(accountOf(video)).toMatchObject({ missing: [], repeated: [] });
  expect(video.gaps).toMatchObject([{ reason: "worker-lost" }]);
  expect(video.gaps[0]?.ms).toBeGreaterThan(2_000);
  const audio = backend.recording.stream("audio");
  expect(audio.gaps).toEqual([]);
  expect(audio.verified).toBe(true);
});

test("streams from the page when the workers' script hangs", async ({ ui, backend, pageUrl }) => {
  await ui.open(pageUrl);
  await ui.see(gate("before-asking"));
  await ui.evaluate(() => {
    globalThis.Worker = class {
      postMessage() {}
      terminate() {}
    } as unknown as typeof Worker;
  }, null);
  await ui.press("Allow camera and microphone");
  await ui.press("Start streaming");
  await ui.see(record("live"), 25_000);
  for (const kind of KINDS) await receives(backend, kind, 3);
  await stopStreaming(ui);
  for (const kind of KINDS) expect(backend.recording.stream(kind).verified).toBe(true);
});
