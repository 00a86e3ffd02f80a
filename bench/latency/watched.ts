/** From capture to the screen and the loudspeaker of somebody who watches: the built page of /watch in a second Chromium. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Browser, chromium, type Page } from "playwright";
import { seenPictures } from "../../e2e/support/clock/clock-reader.ts";
import {
  type ClockSourceOptions,
  type ClockSources,
  clockSourcesScript,
} from "../../e2e/support/clock/clock-sources.ts";
import { freePort, startBackend, startWeb } from "../../e2e/support/processes.ts";
import { badge, record } from "../../e2e/support/ui.ts";
import { requireChromium } from "../../tools/chromium.ts";
import { CpuMeter } from "./cpu.ts";
import { earScript, type HeardTone } from "./ear.ts";

export interface WatchedVariant {
  readonly name: string;
  /** Of the phone's address. */
  readonly search: string;
}

export interface WatchedResult {
  /** Pictures while nobody listens, ms from capture until they are in the page's canvas. */
  readonly silentMs: readonly number[];
  /** The same while the sound is on, and the sound. */
  readonly pictureMs: readonly number[];
  readonly soundMs: readonly number[];
  /** How much of a core the viewer's browser took, with sound; reading the clock is in it. */
  readonly viewerPercent: number;
}

const TIMEOUT_MS = 30_000;
const SETTLE_MS = 3_000;
const ARGS = ["--use-fake-device-for-media-stream", "--autoplay-policy=no-user-gesture-required"];

/** @param seconds of each of the two measurements: without sound, and with it. */
export async function measureWatched(
  { search }: WatchedVariant,
  sources: ClockSourceOptions,
  seconds: number,
): Promise<WatchedResult> {
  const recordingDir = await mkdtemp(path.join(tmpdir(), "twincast-watched-"));
  const cleanUps: (() => Promise<unknown>)[] = [() => rm(recordingDir, { recursive: true })];
  try {
    const webPort = await freePort();
    const origin = `http://127.0.0.1:${webPort}`;
    const backend = await startBackend({ recordingDir, origins: [origin], env: { SINKS: "console" } });
    cleanUps.push(() => backend.stop());
    const web = await startWeb({ port: webPort, backendUrl: `http://127.0.0.1:${backend.port}` });
    cleanUps.push(() => web.stop());
    const open = async (viewport: { width: number; height: number }, script: string) => {
      const browser = await chromium.launch({ ...requireChromium(), args: ARGS });
      cleanUps.push(() => browser.close());
      const context = await browser.newContext({ viewport, permissions: ["camera", "microphone"] });
      await context.addInitScript({ content: script });
      return { browser, page: await context.newPage() };
    };

    const phone = await open({ width: 412, height: 880 }, clockSourcesScript(sources));
    await phone.page.goto(`${origin}/${search}`);
    await phone.page.getByRole("button", { name: "Allow camera and microphone" }).click();
    await phone.page.locator(record("ready")).waitFor({ timeout: TIMEOUT_MS });
    await phone.page.getByRole("button", { name: "Start streaming" }).click();
    for (const kind of ["video", "audio"] as const) {
      await phone.page.locator(badge(kind, "live")).waitFor({ timeout: TIMEOUT_MS });
    }
    const viewer = await open({ width: 900, height: 900 }, earScript());
    await viewer.page.goto(`${origin}/watch`);
    await viewer.page
      .locator('article [data-stream="video"][data-state="live"]')
      .waitFor({ timeout: TIMEOUT_MS });
    await viewer.page.waitForTimeout(SETTLE_MS);
    const silentMs = await watchPictures(viewer.page, sources, seconds);

    await viewer.page.getByRole("button", { name: /^Sound of/ }).click();
    await viewer.page.waitForTimeout(SETTLE_MS);
    return { silentMs, ...(await watchAndListen(viewer, phone.page, sources, seconds)) };
  } finally {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
  }
}

async function watchPictures(page: Page, { width }: ClockSourceOptions, seconds: number): Promise<number[]> {
  // Typed loosely by Playwright: the task and its argument belong together.
  const ui = { evaluate: (task: never, argument: never) => page.evaluate(task, argument) as never };
  const seen = await seenPictures(ui, "article canvas", width, seconds * 1_000);
  return seen.map(({ capturedAt, seenAt }) => seenAt - capturedAt);
}

async function watchAndListen(
  viewer: { readonly browser: Browser; readonly page: Page },
  phone: Page,
  sources: ClockSourceOptions,
  seconds: number,
): Promise<Omit<WatchedResult, "silentMs">> {
  const meter = await CpuMeter.start(viewer.browser, viewer.page);
  const from = Date.now();
  const pictureMs = await watchPictures(viewer.page, sources, seconds);
  const cpu = await meter.stop();
  const heard = await viewer.page.evaluate(
    () => (window as unknown as { heardTones: HeardTone[] }).heardTones,
  );
  const { tones } = await phone.evaluate(
    () => (window as unknown as { clockSources: ClockSources }).clockSources,
  );
  return {
    pictureMs,
    soundMs: heard
      .filter(({ at }) => at > from)
      .flatMap(({ at, pitch }) => {
        // The last one of this pitch that was given before: the same pitch comes again only after seconds.
        const given = tones.findLast((tone) => tone.pitch === pitch && tone.at <= at);
        return given ? [at - given.at] : [];
      }),
    viewerPercent: cpu.browserPercent,
  };
}
