import { expect, test } from "./support/fixtures.ts";
import {
  badge,
  decodeSegments,
  mediaMs,
  receives,
  record,
  startStreaming,
  stopStreaming,
} from "./support/flows.ts";
import { loudness } from "./support/media.ts";
import { accountOf } from "./support/recording.ts";

test(
  "keeps audio flowing while video is cut, and video comes back whole",
  {
    tag: ["@every-engine", "@no-media-recorder"],
  },
  async ({ ui, backend, faults, pageUrl }, info) => {
    await startStreaming(ui, pageUrl);
    await receives(backend, "video", 2);
    faults.set("video", { refuse: true });
    faults.cut("video");
    await ui.see(badge("video", "reconnecting"));
    const audioBefore = backend.recording.stream("audio").chunks.length;
    await expect
      .poll(() => backend.recording.stream("audio").chunks.length, { timeout: 10_000 })
      .toBeGreaterThan(audioBefore + 10);
    await ui.see(badge("audio", "live"));
    faults.clear();
    await ui.see(badge("video", "live"));
    await receives(backend, "video", 4);
    await stopStreaming(ui);

    const video = backend.recording.stream("video");
    const audio = backend.recording.stream("audio");
    expect(video.connections).toBeGreaterThan(1);
    expect(audio.connections).toBe(1);
    for (const stream of [video, audio]) {
      expect(accountOf(stream)).toMatchObject({ missing: [], repeated: [] });
      expect(stream.gaps).toEqual([]);
      expect(stream.verified).toBe(true);
      for (const decoded of await decodeSegments(stream, info.outputDir)) expect(decoded.complaints).toBe("");
    }
  },
);

test("keeps video flowing while audio is cut in the middle of a frame", async ({
  ui,
  backend,
  faults,
  pageUrl,
}, info) => {
  await startStreaming(ui, pageUrl);
  await receives(backend, "audio", 2);
  faults.cutMidFrame("audio", 100);
  await receives(backend, "audio", 5);
  await stopStreaming(ui);

  const audio = backend.recording.stream("audio");
  expect(audio.connections).toBeGreaterThan(1);
  expect(backend.recording.stream("video").connections).toBe(1);
  expect(accountOf(audio)).toMatchObject({ missing: [], repeated: [] });
  expect(audio.verified).toBe(true);
  for (const decoded of await decodeSegments(audio, info.outputDir)) expect(decoded.complaints).toBe("");
});

test(
  "mutes the microphone and leaves video untouched",
  { tag: "@every-engine" },
  async ({ ui, backend, pageUrl }, info) => {
    await startStreaming(ui, pageUrl);
    await receives(backend, "audio", 3);
    await ui.press("Mute microphone");
    await expect.poll(() => backend.recording.stream("audio").mutes).toEqual([true]);
    // Counted from what has arrived: on a busy machine the press itself takes seconds.
    await receives(backend, "audio", Math.ceil(mediaMs(backend, "audio") / 1_000) + 4);
    const videoWhileMuted = backend.recording.stream("video").chunks.length;
    await ui.press("Unmute microphone");
    await expect.poll(() => backend.recording.stream("audio").mutes).toEqual([true, false]);
    await receives(backend, "audio", Math.ceil(mediaMs(backend, "audio") / 1_000) + 3);
    await stopStreaming(ui);

    const audio = backend.recording.stream("audio");
    expect(audio.mutes).toEqual([true, false]);
    expect(videoWhileMuted).toBeGreaterThan(10);
    expect(backend.recording.stream("video").verified).toBe(true);
    const [segment] = audio.segmentFiles;
    const levels = await loudness(segment?.files[0] ?? "");
    // The fake microphones beep every half second, or hum; muted seconds hold digital silence. When they were is not
    // counted in the file's seconds: on a busy machine Firefox's microphone gives fewer of them than the clock has.
    const heard = levels.map((level) => (level < -80 ? "-" : "S")).join("");
    expect(heard, "a letter for each second with sound").toMatch(/^-?S+-{2,}S+-?$/);
    for (const loudest of [levels.slice(0, 2), levels.slice(-2)]) {
      expect(Math.max(...loudest)).toBeGreaterThan(-60);
    }
    await decodeSegments(audio, info.outputDir);
  },
);

test("both streams recover when the backend is killed and another one starts", async ({
  ui,
  backend,
  pageUrl,
}, info) => {
  await startStreaming(ui, pageUrl);
  await receives(backend, "video", 2);
  await receives(backend, "audio", 2);
  await backend.stop("SIGKILL");
  await ui.see(badge("video", "reconnecting"));
  await ui.see(badge("audio", "reconnecting"));
  await backend.start();
  await ui.see(badge("video", "live"));
  await ui.see(badge("audio", "live"));
  const now = Date.now();
  for (const kind of ["video", "audio"] as const) {
    await expect
      .poll(() => backend.recording.stream(kind).chunks.at(-1)?.capturedTo ?? 0, { timeout: 20_000 })
      .toBeGreaterThan(now + 2_000);
  }
  await stopStreaming(ui);

  for (const kind of ["video", "audio"] as const) {
    const stream = backend.recording.stream(kind);
    expect(stream.gaps).toEqual([]);
    const { missing, repeated } = accountOf(stream);
    expect(missing).toEqual([]);
    // What the killed process had written but not yet acknowledged comes again: at most one window of acks.
    expect(repeated.length).toBeLessThanOrEqual(5);
    const segments = stream.segmentFiles;
    expect(segments.length).toBeGreaterThan(1);
    const decoded = await decodeSegments(stream, info.outputDir);
    expect(decoded.at(-1)).toMatchObject({ type: kind, complaints: "" });
  }
});

test("goes on at the next instance when the backend is told to stop", async ({ ui, backend, pageUrl }) => {
  await startStreaming(ui, pageUrl);
  await receives(backend, "video", 2);
  await backend.stop("SIGTERM");
  await backend.start();
  await ui.see(badge("video", "live"));
  await ui.see(badge("audio", "live"));
  await receives(backend, "video", 6);
  await stopStreaming(ui);
  for (const kind of ["video", "audio"] as const) {
    expect(accountOf(backend.recording.stream(kind)).missing).toEqual([]);
    expect(backend.recording.stream(kind).gaps).toEqual([]);
  }
});

test.describe("when the page's origin is not allowed", () => {
  test.use({ backendEnv: { ALLOWED_ORIGINS: "https://another.example" } });

  test("says that the backend refuses it, and stops trying", async ({ ui, backend, faults, pageUrl }) => {
    await ui.open(pageUrl);
    // It looked for the backend, and says what whoever runs it has to change.
    await ui.see('[data-problem="refuses-origin"]');
    const before = faults.connections.video;
    await ui.press("Allow camera and microphone");
    await ui.see(record("ready"));
    await ui.press("Start streaming");
    await ui.see(badge("video", "failed"));
    await ui.see(badge("audio", "failed"));
    expect(faults.connections.video).toBe(before + 1);
    expect(backend.recording.sessions).toEqual([]);
    expect(backend.output()).toContain("wrong-origin");
  });
});
