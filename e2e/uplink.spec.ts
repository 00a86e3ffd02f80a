import { expect, test } from "./support/fixtures.ts";
import { badge, receives, startStreaming, stopStreaming } from "./support/flows.ts";
import { startNarrowRelay } from "./support/narrow-relay.ts";
import { accountOf } from "./support/recording.ts";
import { judge, WHOLE } from "./support/verdict.ts";

interface Figures {
  readonly from: number;
  readonly to: number;
  readonly ms: number;
  readonly reason: string;
}

test("skips ahead on an uplink that is suddenly far too slow, and all ends tell the same gap", async ({
  ui,
  backend,
  faults,
  pageUrl,
}, info) => {
  await startStreaming(ui, pageUrl);
  await receives(backend, "video", 4);
  const video = () => backend.recording.stream("video");
  // Far less than the encoder makes, on a busy machine too: the first seconds of it can never be caught up with.
  faults.set("video", { bytesPerSecond: 2_000 });
  await ui.see(badge("video", "behind"));
  await expect.poll(() => video().gaps.length, { timeout: 45_000 }).toBeGreaterThan(0);
  const toast = await ui.text('li[data-tone="problem"]');
  faults.clear();
  await ui.see(badge("video", "live"));
  const resumedAt = Date.now();
  await expect.poll(() => video().chunks.at(-1)?.capturedTo).toBeGreaterThan(resumedAt + 2_000);
  await stopStreaming(ui);

  const gaps: Figures[] = video().gaps.map(({ from, to, ms, reason }) => ({ from, to, ms, reason }));
  const [first] = gaps;
  expect(gaps.every(({ reason }) => reason === "too-far-behind")).toBe(true);
  // The sink, the console, /streams, the toast and the summary, by the same figures.
  const printed = backend
    .output()
    .split("\n")
    .flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as Figures & { message: string }] : []))
    .filter(({ message }) => message === "gap");
  expect(printed.map(({ from, to, ms, reason }) => ({ from, to, ms, reason }))).toEqual(gaps);
  const listed = (await (await fetch(`http://127.0.0.1:${backend.port}/streams`)).json()) as {
    streams: { stream: string; gaps: Figures[] }[];
  };
  expect(listed.streams.find(({ stream }) => stream === "video")?.gaps).toEqual(gaps);
  expect(toast).toContain(`Chunks ${first?.from} to ${first?.to}`);
  expect(toast).toContain(`${((first?.ms ?? 0) / 1_000).toFixed(1)} s are missing`);
  await expect
    .poll(() => ui.evaluate(() => document.querySelectorAll('li[data-stream="video"] ul li').length, null))
    .toBe(gaps.length);

  // The missing seconds are those between the chunks around the gap, and no chunk waited for longer than a key frame takes.
  const { chunks } = video();
  for (const { from, to, ms } of gaps) {
    const before = chunks.find(({ seq }) => seq === from - 1);
    const after = chunks.find(({ seq }) => seq === to + 1);
    expect(after?.first).toBe(true);
    const hole = (after?.capturedFrom ?? 0) - (before?.capturedTo ?? 0);
    expect(Math.abs(hole - ms)).toBeLessThan(500);
  }
  expect(Math.max(...chunks.map(({ delayMs }) => delayMs ?? 0))).toBeLessThan(25_000);
  expect(await judge(video(), info.outputDir)).toMatchObject({ ...WHOLE, gaps });
  expect(await judge(backend.recording.stream("audio"), info.outputDir)).toMatchObject(WHOLE);
});

/** Nothing may be missing from here on: before that nothing was known of the path. */
const SETTLED_MS = 20_000;

test("sends a smaller picture on 12 kB/s for both streams, says so once, and loses nothing", async ({
  ui,
  backend,
  faults,
  pageUrl,
}, info) => {
  // Other rates, and how long the path is, are tried without a browser: frontend/twincast/src/adaptation/uplink.test.ts.
  faults.shareUplink(12_000);
  await startStreaming(ui, pageUrl);
  const startedAt = Date.now();
  const video = () => backend.recording.stream("video");
  const audio = () => backend.recording.stream("audio");
  await expect
    .poll(() => video().announcements.at(-1)?.width ?? 1_280, { timeout: 20_000 })
    .toBeLessThan(1_280);
  await expect
    .poll(() => Math.min(...[video(), audio()].map(({ chunks }) => chunks.at(-1)?.capturedTo ?? 0)), {
      timeout: 60_000,
    })
    .toBeGreaterThan(startedAt + SETTLED_MS + 20_000);
  const told = await ui.evaluate(
    () =>
      [...document.querySelectorAll("li")].filter((li) => li.textContent?.includes("smaller picture")).length,
    null,
  );
  faults.clear();
  await stopStreaming(ui);

  const chunkBefore = (seq: number) => video().chunks.findLast((chunk) => chunk.seq < seq);
  const late = video().gaps.filter(({ to }) => (chunkBefore(to)?.capturedTo ?? 0) > startedAt + SETTLED_MS);
  expect(late).toEqual([]);
  expect(told).toBeLessThanOrEqual(1);
  const { gaps } = video();
  expect(await judge(video(), info.outputDir)).toMatchObject({
    ...WHOLE,
    gaps: [...gaps].map(({ from, to, ms, reason }) => ({ from, to, ms, reason })),
  });
  expect(gaps.length).toBeLessThanOrEqual(1);
  expect(await judge(audio(), info.outputDir)).toMatchObject(WHOLE);
});

test("reports what a proxy on the way refuses for its size, once each, and delivers the audio whole", async ({
  ui,
  backend,
  faults,
  pageUrl,
}, info) => {
  // Below the key frame that begins every segment of the video, above what audio makes of a tenth of a second.
  const relay = await startNarrowRelay(backend.port, 8_000);
  faults.forwardTo(relay.port);
  await startStreaming(ui, pageUrl);
  const video = () => backend.recording.stream("video");
  await expect.poll(() => video().gaps.length, { timeout: 20_000 }).toBeGreaterThan(2);
  await receives(backend, "audio", 3);
  await stopStreaming(ui);
  await relay.close();

  const { missing, repeated } = accountOf(video());
  expect({ missing, repeated }).toEqual({ missing: [], repeated: [] });
  expect(video().gaps.every(({ reason }) => reason === "too-large")).toBe(true);
  expect(video().verified).toBe(true);
  expect(await judge(backend.recording.stream("audio"), info.outputDir)).toMatchObject(WHOLE);
});
