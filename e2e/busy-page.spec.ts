import { percentile } from "../frontend/twincast/src/percentile.ts";
import { expect, test } from "./support/fixtures.ts";
import { receives, startStreaming, stopStreaming } from "./support/flows.ts";
import type { RecordedStream } from "./support/recording.ts";

/** The page's own thread is busy for this long once a second: a garbage collection, a long render, another script. */
const BLOCK_MS = 200;
const WINDOW_MS = 4_000;

interface Window {
  readonly from: number;
  readonly until: number;
}

/** Blocks the page for `WINDOW_MS`, or leaves it alone for as long. @returns the time in between. */
async function spend(
  ui: { evaluate: <A>(task: (a: A) => Promise<void>, a: A) => Promise<void> },
  blockMs: number,
) {
  const from = Date.now();
  await ui.evaluate(
    async ({ blockMs, windowMs }: { blockMs: number; windowMs: number }) => {
      const endAt = Date.now() + windowMs;
      while (Date.now() < endAt) {
        const beganAt = Date.now();
        while (Date.now() < beganAt + blockMs);
        await new Promise((resolve) => setTimeout(resolve, 1_000 - blockMs));
      }
    },
    { blockMs, windowMs: WINDOW_MS },
  );
  return { from, until: Date.now() };
}

/** Of all chunks that were captured inside the windows. In realtime a chunk is a frame. */
function figures(stream: RecordedStream, windows: readonly Window[]) {
  const chunks = stream.chunks.filter(({ capturedTo }) =>
    windows.some(({ from, until }) => capturedTo >= from && capturedTo < until),
  );
  const delays = chunks.map(({ receivedAt, capturedTo }) => receivedAt - capturedTo);
  const seconds = windows.reduce((sum, { from, until }) => sum + (until - from) / 1_000, 0);
  return {
    perSecond: chunks.length / seconds,
    p95Ms: percentile(delays, 0.95) ?? Number.POSITIVE_INFINITY,
  };
}

test("delays no chunk and loses no frame while the page is blocked 200 ms each second", async ({
  ui,
  backend,
  pageUrl,
}, info) => {
  await startStreaming(ui, `${pageUrl}?encoder=webcodecs&cadence=realtime`);
  await receives(backend, "video", 2);
  await receives(backend, "audio", 2);
  const free: Window[] = [];
  const blocked: Window[] = [];
  // In turns, so that whatever else this machine does meets both alike.
  for (let turn = 0; turn < 2; turn++) {
    free.push(await spend(ui, 0));
    blocked.push(await spend(ui, BLOCK_MS));
  }
  await stopStreaming(ui);

  for (const kind of ["video", "audio"] as const) {
    const stream = backend.recording.stream(kind);
    const whenFree = figures(stream, free);
    const whenBlocked = figures(stream, blocked);
    info.annotations.push({
      type: `${kind} free / blocked`,
      description: `${JSON.stringify(whenFree)} / ${JSON.stringify(whenBlocked)}`,
    });
    // On the page's thread a fifth of all chunks would wait, half of them for more than 100 ms, and 7 to 16 % of the
    // frames would be lost.
    expect(whenBlocked.p95Ms).toBeLessThan(whenFree.p95Ms + 80);
    expect(whenBlocked.perSecond).toBeGreaterThan(whenFree.perSecond * 0.95);
  }
});
