/** The device's clock is set while a session runs, as phones do when they find a network. */
import type { Page } from "@playwright/test";
import { expect, test } from "./support/fixtures.ts";
import { badge, mediaMs, receives, startStreaming, stopStreaming } from "./support/flows.ts";
import { judge, WHOLE } from "./support/verdict.ts";
import { streamWorkers } from "./support/workers.ts";

const KINDS = ["video", "audio"] as const;

/** Sets it by so much, for the page and for every worker: what passes since they were opened stays as it is. */
async function setDeviceClock(page: Page, byMs: number): Promise<void> {
  const set = (ms: number) => {
    const { now } = Date;
    Date.now = () => now() + ms;
    // WebKit computes it anew from the device's clock.
    const origin = performance.timeOrigin;
    Object.defineProperty(performance, "timeOrigin", { configurable: true, get: () => origin + ms });
  };
  await Promise.all([
    page.evaluate(set, byMs),
    ...page.workers().map((worker) => worker.evaluate(set, byMs)),
  ]);
}

test("streams on when the clock is set back and forward, live and while there is no connection", async ({
  ui,
  playwrightUi: { page },
  backend,
  faults,
  pageUrl,
}, info) => {
  const beganAt = Date.now();
  await startStreaming(ui, pageUrl);
  for (const kind of KINDS) await receives(backend, kind, 1);
  expect(await streamWorkers(page)).toHaveLength(2);
  await setDeviceClock(page, -120_000);
  for (const kind of KINDS) await receives(backend, kind, 3);
  await setDeviceClock(page, 600_000);
  for (const kind of KINDS) await receives(backend, kind, 5);

  faults.set("both", { refuse: true });
  faults.cut("both");
  for (const kind of KINDS) await ui.see(badge(kind, "reconnecting"));
  await setDeviceClock(page, -60_000);
  faults.clear();
  for (const kind of KINDS) await ui.see(badge(kind, "live"), 20_000);
  for (const kind of KINDS) await receives(backend, kind, mediaMs(backend, kind) / 1_000 + 1);
  // What the person reads is what has passed.
  const shown = await ui.text('[role="timer"]');
  const tookS = (Date.now() - beganAt) / 1_000;
  expect(shown).toMatch(/^00:\d\d/);
  await stopStreaming(ui);

  for (const kind of KINDS) {
    const stream = backend.recording.stream(kind);
    expect(await judge(stream, info.outputDir), kind).toMatchObject(WHOLE);
    expect(mediaMs(backend, kind) / 1_000).toBeLessThan(tookS + 10);
    for (const { delayMs } of stream.chunks) expect(Math.abs(delayMs ?? 0)).toBeLessThan(30_000);
  }
});
