import { type EngineMetadata, expect, test } from "./support/fixtures.ts";
import {
  allowDevices,
  badge,
  decodeSegments,
  gate,
  receives,
  record,
  startStreaming,
  stopStreaming,
} from "./support/flows.ts";
import { accountOf } from "./support/recording.ts";

test(
  "streams camera and microphone, and the backend has them whole",
  {
    tag: ["@every-engine", "@no-media-recorder", "@phone"],
  },
  async ({ ui, backend, pageUrl }, info) => {
    await startStreaming(ui, pageUrl);
    await ui.see(badge("video", "live"));
    await ui.see(badge("audio", "live"));
    await receives(backend, "video", 4);
    await receives(backend, "audio", 4);
    await stopStreaming(ui);
    await ui.see(badge("video", "ended"));

    for (const kind of ["video", "audio"] as const) {
      const stream = backend.recording.stream(kind);
      expect(accountOf(stream)).toMatchObject({ missing: [], repeated: [] });
      expect(stream.verified).toBe(true);
      const segments = await decodeSegments(stream, info.outputDir);
      // Mostly one; an engine that changes its decoder's configuration on the way makes another.
      expect(segments.length).toBeGreaterThan(0);
      for (const decoded of segments) {
        expect(decoded).toMatchObject({ type: kind, complaints: "" });
        expect(decoded.times).toEqual(decoded.times.toSorted((a, b) => a - b));
      }
      // At least 4 s. Fake devices give 10 to 30 frames a second, of which a machine that draws two engines' pages without a
      // graphics processor drops most at the source; an Opus packet holds up to 60 ms.
      const frames = segments.reduce((sum, decoded) => sum + decoded.frames, 0);
      expect(frames).toBeGreaterThan(8);
      expect(frames).toBeLessThan(1_000);
    }
  },
);

test("prints one line per chunk of each stream", async ({ ui, backend, pageUrl }) => {
  await startStreaming(ui, pageUrl);
  await receives(backend, "video", 2);
  await receives(backend, "audio", 2);
  await stopStreaming(ui);
  const lines = backend
    .output()
    .split("\n")
    .flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as Record<string, unknown>] : []));
  for (const kind of ["video", "audio"] as const) {
    const printed = lines.filter(({ message, stream }) => message === "chunk" && stream === kind);
    expect(printed.map(({ seq }) => seq)).toEqual(
      backend.recording.stream(kind).chunks.map(({ seq }) => seq),
    );
    expect(printed.at(-1)).toMatchObject({
      time: expect.any(String),
      bytes: expect.any(Number),
      segment: 0,
      mimeType: expect.stringContaining(kind),
      delayMs: expect.any(Number),
      rateKBps: expect.any(Number),
      session: expect.any(String),
    });
  }
});

test("starts, stops and starts again as another session", { tag: "@every-engine" }, async ({
  ui,
  backend,
  pageUrl,
}) => {
  await startStreaming(ui, pageUrl);
  await receives(backend, "video", 1);
  await receives(backend, "audio", 1);
  const [first] = backend.recording.sessions;
  await stopStreaming(ui);
  await ui.press("New session");
  await ui.see(record("ready"));
  await ui.press("Start streaming");
  const second = () => backend.recording.sessions.find((session) => session !== first);
  await expect.poll(second).toBeDefined();
  await receives(backend, "video", 1, second());
  await receives(backend, "audio", 1, second());
  await stopStreaming(ui);
  expect(backend.recording.sessions).toHaveLength(2);
  for (const session of backend.recording.sessions) {
    for (const kind of ["video", "audio"] as const) {
      const stream = backend.recording.stream(kind, session);
      expect(stream.verified).toBe(true);
      expect(stream.chunks[0]?.seq).toBe(0);
    }
  }
});

test.describe("when the person says no", () => {
  test.use({ allowed: false });

  test(
    "says so, and goes on once it is allowed",
    {
      tag: ["@every-engine", "@phone"],
    },
    async ({ ui, backend, pageUrl }, info) => {
      await ui.open(pageUrl);
      await ui.press("Allow camera and microphone");
      // WebKit does not tell an answer from a question that was closed; how long it took is all there is to go by.
      await ui.see(`${gate("denied")}, ${gate("dismissed")}`);
      await ui.answer("allow");
      // Chromium tells the page that the setting was changed; WebKit asks at the next try.
      if ((info.project.metadata as EngineMetadata).engine !== "chromium") await ui.press("Try again");
      await ui.see(record("ready"));
      await ui.press("Start streaming");
      await receives(backend, "video", 1);
      await receives(backend, "audio", 1);
    },
  );
});

test.describe("without a camera", () => {
  test.use({ devices: "no-camera" });

  test("streams the microphone alone", { tag: "@every-engine" }, async ({ ui, backend, pageUrl }) => {
    await allowDevices(ui, pageUrl);
    await ui.see(badge("video", "absent"));
    await ui.press("Start streaming");
    await receives(backend, "audio", 2);
    await stopStreaming(ui);
    expect(backend.recording.stream("audio").verified).toBe(true);
    expect(backend.recording.stream("video").connections).toBe(0);
  });
});

test.describe("without any device", () => {
  test.use({ devices: "no-devices" });

  test("says so", { tag: "@every-engine" }, async ({ ui, pageUrl }) => {
    await ui.open(pageUrl);
    await ui.press("Allow camera and microphone");
    await ui.see(gate("no-device"));
  });
});
