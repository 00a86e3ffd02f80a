import { carryOut, planCuts, randomBySeed } from "./soak/chaos.ts";
import { expect, test } from "./support/fixtures.ts";
import { badge, decodeSegments, receives, record, startStreaming, stopStreaming } from "./support/flows.ts";
import { accountOf, type StreamKind } from "./support/recording.ts";

const SEED = Number(process.env.SEED ?? 20_261_122);
const KINDS: readonly StreamKind[] = ["video", "audio"];

for (const target of ["video", "audio", "both"] as const) {
  test(`loses and doubles nothing through 20 random cuts of ${target} (seed ${SEED})`, async ({
    ui,
    backend,
    faults,
    pageUrl,
  }, info) => {
    test.setTimeout(180_000);
    await startStreaming(ui, pageUrl);
    for (const kind of KINDS) await receives(backend, kind, 1);
    await carryOut(faults, target, planCuts(randomBySeed(SEED), 20, 30_000));
    faults.clear();
    for (const kind of KINDS) await ui.see(badge(kind, "live"), 30_000);
    await stopStreaming(ui);

    for (const kind of KINDS) {
      const stream = backend.recording.stream(kind);
      expect(accountOf(stream)).toMatchObject({ missing: [], repeated: [] });
      expect(stream.gaps).toEqual([]);
      expect(stream.verified).toBe(true);
      for (const decoded of await decodeSegments(stream, info.outputDir)) {
        expect(decoded).toMatchObject({ type: kind, complaints: "" });
      }
      if (target !== "both" && kind !== target) expect(stream.connections).toBe(1);
      else expect(stream.connections).toBeGreaterThan(5);
    }
  });
}

for (const seconds of [2, 20]) {
  test(`streams again within five seconds of a black hole of ${seconds} s, with nothing lost`, async ({
    ui,
    backend,
    faults,
    pageUrl,
  }) => {
    await startStreaming(ui, pageUrl);
    for (const kind of KINDS) await receives(backend, kind, 2);
    faults.set("both", { blackHole: true });
    // The length of the hole is what is tested.
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
    const before = Object.fromEntries(
      KINDS.map((kind) => [kind, backend.recording.stream(kind).chunks.length]),
    );
    faults.set("both", { blackHole: false });
    for (const kind of KINDS) {
      await expect
        .poll(() => backend.recording.stream(kind).chunks.length, { timeout: 5_000 })
        .toBeGreaterThan(before[kind] ?? 0);
    }
    for (const kind of KINDS) await ui.see(badge(kind, "live"));
    await stopStreaming(ui);
    for (const kind of KINDS) {
      const stream = backend.recording.stream(kind);
      expect(accountOf(stream)).toMatchObject({ missing: [], repeated: [] });
      expect(stream.gaps).toEqual([]);
      expect(stream.verified).toBe(true);
    }
  });
}

test("skips ahead on an uplink that cannot carry it, and tells the same gap to everyone", async ({
  ui,
  backend,
  faults,
  pageUrl,
}, info) => {
  test.setTimeout(150_000);
  await startStreaming(ui, pageUrl);
  await receives(backend, "video", 2);
  // A tenth of the lowest rate that an encoder is asked for.
  faults.set("video", { bytesPerSecond: 2_000 });
  await ui.see(badge("video", "behind"), 20_000);
  await ui.see(badge("audio", "live"));
  const isSkipped = () => ui.evaluate(() => document.body.innerText.includes("are missing"), null);
  // The page is told when the backend has taken the gap, which is behind what is on its way.
  await new Promise((resolve) => setTimeout(resolve, 16_000));
  faults.clear();
  await expect.poll(isSkipped, { timeout: 30_000 }).toBe(true);
  await receives(backend, "video", 20);

  const live = (await (await fetch(`http://127.0.0.1:${backend.port}/streams`)).json()) as {
    streams: { stream: string; gaps: { from: number; to: number; ms: number; reason: string }[] }[];
  };
  const page = await ui.evaluate(() => document.body.innerText, null);
  await stopStreaming(ui);

  const video = backend.recording.stream("video");
  expect(video.gaps.length).toBeGreaterThan(0);
  const told = live.streams.find(({ stream }) => stream === "video")?.gaps ?? [];
  const [gap] = video.gaps;
  const figures = { from: gap?.from, to: gap?.to, reason: "too-far-behind" };
  expect(gap).toMatchObject(figures);
  expect(told[0]).toMatchObject({ ...figures, ms: gap?.ms });
  expect(page).toContain(`${((gap?.ms ?? 0) / 1_000).toFixed(1)} s are missing`);
  expect(page).toContain(`Chunks ${gap?.from} to ${gap?.to}`);
  const printed = backend
    .output()
    .split("\n")
    .flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as Record<string, unknown>] : []))
    .find(({ message }) => message === "gap");
  expect(printed).toMatchObject(figures);

  expect(accountOf(video)).toMatchObject({ missing: [], repeated: [] });
  expect(video.verified).toBe(true);
  // A gap cuts its segment short; every segment that begins after it decodes.
  const segments = await decodeSegments(video, info.outputDir);
  expect(segments.length).toBeGreaterThan(1);
  expect(segments.at(-1)).toMatchObject({ type: "video", complaints: "" });
  expect(backend.recording.stream("audio").gaps).toEqual([]);
});

test("asks before the page is left while media waits, and says no more once it has arrived", async ({
  ui,
  backend,
  pageUrl,
}) => {
  await startStreaming(ui, pageUrl);
  await receives(backend, "video", 1);
  const asksToStay = () =>
    ui.evaluate(() => !window.dispatchEvent(new Event("beforeunload", { cancelable: true })), null);
  expect(await asksToStay()).toBe(true);
  await stopStreaming(ui);
  await ui.see(record("ended"));
  expect(await asksToStay()).toBe(false);
});
