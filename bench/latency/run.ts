/** One measured session: the built page in Chromium, the real backend, and the clocks between them. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Browser, chromium, type Page } from "playwright";
import type { StreamKind } from "twincast";
import {
  type ClockSourceOptions,
  type ClockSources,
  clockSourcesScript,
} from "../../e2e/support/clock/clock-sources.ts";
import { freePort, startBackend, startWeb } from "../../e2e/support/processes.ts";
import { Recording } from "../../e2e/support/recording.ts";
import { badge, record } from "../../e2e/support/ui.ts";
import { requireChromium } from "../../tools/chromium.ts";
import { type Arrival, arrivedFiles, frameArrivals, toneArrivals } from "./arrivals.ts";
import { CpuMeter, type CpuUse } from "./cpu.ts";

export interface Variant {
  readonly name: string;
  /** Of the page's address; null for the preview alone, which is what everything else costs on top of. */
  readonly search: string | null;
  /** Every chunk is written to the phone's files, as while a path is slow or the page hidden. */
  readonly isStored?: true;
}

export interface StreamResult {
  readonly delaysMs: readonly number[];
  /** Given to the track, and never received. */
  readonly dropped: number;
  readonly given: number;
  readonly format: string;
}

export interface RunResult {
  readonly cpu: CpuUse;
  /** How late the camera's own clock was: the machine's share of any delay. */
  readonly sourceLatenessMs: readonly number[];
  readonly streams: { readonly video: StreamResult; readonly audio: StreamResult } | null;
}

/** Encoders settle, the send window opens. */
const WARM_UP_MS = 2_000;
/** Stop flushes what a recorder still has, sooner than it would have come. */
const COOL_DOWN_MS = 1_500;
/** A phone's: the product is a phone's page, and without a GPU painting takes the processor from the encoder. */
const VIEWPORT = { width: 412, height: 880 };
const TIMEOUT_MS = 30_000;

export async function measure(
  variant: Variant,
  sources: ClockSourceOptions,
  seconds: number,
): Promise<RunResult> {
  const recordingDir = await mkdtemp(path.join(tmpdir(), "twincast-latency-"));
  const cleanUps: (() => Promise<unknown>)[] = [() => rm(recordingDir, { recursive: true })];
  try {
    const webPort = await freePort();
    const origin = `http://127.0.0.1:${webPort}`;
    const backend = await startBackend({ recordingDir, origins: [origin] });
    cleanUps.push(() => backend.stop());
    const web = await startWeb({ port: webPort, backendUrl: `http://127.0.0.1:${backend.port}` });
    cleanUps.push(() => web.stop());
    const browser = await chromium.launch({ ...requireChromium(), args: BROWSER_ARGS });
    cleanUps.push(() => browser.close());
    const page = await openPage(browser, sources);
    await page.goto(`${origin}/${variant.search ?? ""}`);
    await page.getByRole("button", { name: "Allow camera and microphone" }).click();
    await page.locator(record("ready")).waitFor({ timeout: TIMEOUT_MS });
    if (variant.search !== null) {
      await page.getByRole("button", { name: "Start streaming" }).click();
      for (const kind of ["video", "audio"] as const) {
        await page.locator(badge(kind, "live")).waitFor({ timeout: TIMEOUT_MS });
      }
    }
    // By this a page knows that it may be gone at any moment.
    if (variant.isStored) await page.evaluate(() => window.dispatchEvent(new Event("pagehide")));
    await page.waitForTimeout(WARM_UP_MS);
    const meter = await CpuMeter.start(browser, page);
    const from = Date.now();
    await page.waitForTimeout(seconds * 1_000);
    const until = Date.now();
    const cpu = await meter.stop();
    if (variant.search !== null) {
      await page.waitForTimeout(COOL_DOWN_MS);
      await page.getByRole("button", { name: "Stop streaming" }).click();
      const end = page.getByRole("button", { name: "End it" });
      if (await end.isVisible()) await end.click();
      await page.locator(record("ended")).waitFor({ timeout: TIMEOUT_MS });
    }
    const given = await page.evaluate(
      () => (window as unknown as { clockSources: ClockSources }).clockSources,
    );
    const isInside = (at: number) => at >= from && at < until;
    const sourceLatenessMs = given.frameLatenessMs.filter((_, i) => isInside(given.frames[i] ?? 0));
    if (variant.search === null) return { cpu, sourceLatenessMs, streams: null };

    const recording = new Recording(recordingDir);
    const result = (kind: StreamKind, arrivals: Arrival[], givenAt: readonly number[]): StreamResult => {
      const inside = arrivals.filter(({ capturedAt }) => isInside(capturedAt));
      const received = new Set(inside.map(({ capturedAt }) => capturedAt));
      const wanted = givenAt.filter(isInside);
      return {
        delaysMs: inside.map(({ capturedAt, receivedAt }) => receivedAt - capturedAt),
        dropped: wanted.filter((at) => !received.has(at)).length,
        given: wanted.length,
        format: [...new Set(recording.stream(kind).segmentFiles.map(({ mimeType }) => mimeType))].join(", "),
      };
    };
    const video = await frameArrivals(arrivedFiles(recording.stream("video")), sources.width);
    const audio = await toneArrivals(arrivedFiles(recording.stream("audio")), given.tones);
    return {
      cpu,
      sourceLatenessMs,
      streams: {
        video: result("video", video, given.frames),
        audio: result(
          "audio",
          audio,
          given.tones.map(({ at }) => at),
        ),
      },
    };
  } finally {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
  }
}

const BROWSER_ARGS = ["--use-fake-device-for-media-stream", "--autoplay-policy=no-user-gesture-required"];

async function openPage(browser: Browser, sources: ClockSourceOptions): Promise<Page> {
  const context = await browser.newContext({ viewport: VIEWPORT, permissions: ["camera", "microphone"] });
  await context.addInitScript({ content: clockSourcesScript(sources) });
  return context.newPage();
}
