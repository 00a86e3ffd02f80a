/** Other people's pages: the examples, built with the packed package, against the real backend. */
import { test as base, expect, type Page } from "@playwright/test";
import { browser as chromiumChoice } from "../tools/chromium.ts";
import { buildExample, serveFiles } from "./support/example.ts";
import { chromiumFlags } from "./support/playwright-ui.ts";
import { freePort, startBackend } from "./support/processes.ts";
import { Recording } from "./support/recording.ts";
import { judge, WHOLE } from "./support/verdict.ts";

/** The strictest policy that the package works under; docs/own-page.md says the same. */
const policy = (backendPort: number) =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "media-src blob: mediastream:",
    `connect-src 'self' http://127.0.0.1:${backendPort} ws://127.0.0.1:${backendPort}`,
  ].join("; ");

const test = base.extend<{ recording: Recording; pageOf: (example: string, file?: string) => Promise<Page> }>(
  {
    recording: async ({ playwright: _playwright }, use, info) =>
      use(new Recording(info.outputPath("recordings"))),
    pageOf: async ({ playwright }, use, info) => {
      const ends: (() => Promise<unknown>)[] = [];
      await use(async (example, file = "") => {
        const built = await buildExample(example, info.outputPath(example));
        const backendPort = await freePort();
        const served = await serveFiles(built, policy(backendPort));
        ends.push(() => served.close());
        const backend = await startBackend({
          recordingDir: info.outputPath("recordings"),
          origins: [served.origin],
          port: backendPort,
        });
        ends.push(() => backend.stop());
        const browser = await playwright.chromium.launch({
          ...chromiumChoice,
          args: chromiumFlags("both"),
        });
        ends.push(() => browser.close());
        const context = await browser.newContext({ permissions: ["camera", "microphone"] });
        const page = await context.newPage();
        await page.addInitScript(noteWhatIsOpened);
        const failures: string[] = [];
        page.on("console", (message) => message.type() === "error" && failures.push(message.text()));
        page.on("pageerror", (error) => failures.push(String(error)));
        ends.unshift(async () => expect(failures, "said on the page's console").toEqual([]));
        await page.goto(`${served.origin}/${file}?backend=http://127.0.0.1:${backend.port}`);
        return page;
      });
      for (const end of ends) await end();
    },
  },
);

interface Opened {
  readonly tracks: MediaStreamTrack[];
  readonly contexts: AudioContext[];
  readonly workers: { ended: boolean }[];
}

/** Keeps what the page opens, so that it can be seen whether all of it is let go. */
function noteWhatIsOpened(): void {
  const opened: Opened = { tracks: [], contexts: [], workers: [] };
  Object.assign(window, { opened });
  const { mediaDevices } = navigator;
  const getUserMedia = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (constraints) => {
    const stream = await getUserMedia(constraints);
    opened.tracks.push(...stream.getTracks());
    return stream;
  };
  const clone = MediaStreamTrack.prototype.clone;
  MediaStreamTrack.prototype.clone = function (this: MediaStreamTrack) {
    const track = clone.call(this);
    opened.tracks.push(track);
    return track;
  };
  window.AudioContext = class extends AudioContext {
    constructor(options?: AudioContextOptions) {
      super(options);
      opened.contexts.push(this);
    }
  };
  window.Worker = class extends Worker {
    readonly #noted = { ended: false };
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      opened.workers.push(this.#noted);
    }
    override terminate(): void {
      this.#noted.ended = true;
      super.terminate();
    }
  };
}

/** What the page holds open, and how much there ever was of it. */
const held = (page: Page) =>
  page.evaluate(async () => {
    const { tracks, contexts, workers } = (window as unknown as { opened: Opened }).opened;
    const { held: locks = [] } = await navigator.locks.query();
    return {
      everTracks: tracks.length,
      tracks: tracks.filter(({ readyState }) => readyState === "live").length,
      contexts: contexts.filter(({ state }) => state !== "closed").length,
      workers: workers.filter(({ ended }) => !ended).length,
      locks: locks.length,
    };
  });
const NOTHING = { tracks: 0, contexts: 0, workers: 0, locks: 0 };

for (const example of ["vite", "react"]) {
  test(`examples/${example} streams both kinds, has them verified, and lets every device go`, async ({
    pageOf,
    recording,
  }, info) => {
    const page = await pageOf(example);
    const press = (name: string) => page.getByRole("button", { name, exact: true }).click();
    const state = page.getByRole("status");
    await press("Allow camera and microphone");
    await press("Start");
    await expect(state).toHaveText("live; video live, audio live", { timeout: 20_000 });
    await expect
      .poll(() => page.locator("video").evaluate((video: HTMLVideoElement) => video.videoWidth))
      .toBeGreaterThan(0);
    for (const kind of ["video", "audio"] as const)
      await expect.poll(() => recording.stream(kind).chunks.length, { timeout: 20_000 }).toBeGreaterThan(15);
    await press("Stop");
    await expect(state).toHaveText("ended; video ended, audio ended", { timeout: 20_000 });
    for (const kind of ["video", "audio"] as const)
      expect(await judge(recording.stream(kind), info.outputDir)).toMatchObject(WHOLE);

    // Once more, and away in the middle of it.
    await press("New session");
    await press("Start");
    await expect(state).toHaveText("live; video live, audio live", { timeout: 20_000 });
    expect((await held(page)).tracks).toBeGreaterThan(1);
    await press("Let everything go");
    await expect.poll(() => held(page)).toMatchObject(NOTHING);
    expect((await held(page)).everTracks).toBeGreaterThan(1);
  });
}

test("a component that is shown again streams again, and one that goes before the answer leaves nothing open", async ({
  pageOf,
}) => {
  const page = await pageOf("react");
  const press = (name: string) => page.getByRole("button", { name, exact: true }).click();
  await press("Allow camera and microphone");
  await press("Let everything go");
  await expect.poll(() => held(page)).toMatchObject(NOTHING);
  await press("Show the camera");
  await press("Allow camera and microphone");
  await press("Start");
  await expect(page.getByRole("status")).toHaveText("live; video live, audio live", { timeout: 20_000 });
  await press("Let everything go");
  await expect.poll(() => held(page)).toMatchObject(NOTHING);
});

test("a canvas and a tone stream in the place of camera and microphone, and stay the page's", async ({
  pageOf,
  recording,
}, info) => {
  const page = await pageOf("vite", "canvas.html");
  const press = (name: string) => page.getByRole("button", { name, exact: true }).click();
  const state = page.getByRole("status");
  await press("Start");
  await expect(state).toHaveText("live; video live, audio live, own sound live", { timeout: 20_000 });
  for (const kind of ["video", "audio"] as const)
    await expect.poll(() => recording.stream(kind).chunks.length, { timeout: 20_000 }).toBeGreaterThan(15);
  await press("Stop");
  await expect(state).toHaveText("ended; video ended, audio ended, own sound live", { timeout: 20_000 });
  for (const kind of ["video", "audio"] as const)
    expect(await judge(recording.stream(kind), info.outputDir)).toMatchObject(WHOLE);
  await press("Let everything go");
  await expect(state).toHaveText("permission; video idle, audio idle, own sound live");
  // The page's own context stays open; of the session's clones none does.
  await expect.poll(() => held(page)).toMatchObject({ ...NOTHING, contexts: 1 });
});

test("a page of one's own lists the phones and shows one, until its person stops", async ({ pageOf }) => {
  const phone = await pageOf("vite");
  const press = (page: Page, name: string | RegExp) => page.getByRole("button", { name }).click();
  await press(phone, "Allow camera and microphone");
  await press(phone, "Start");
  await expect(phone.getByRole("status")).toHaveText("live; video live, audio live", { timeout: 20_000 });

  const viewer = await phone.context().newPage();
  await viewer.goto(phone.url().replace("/?", "/watch.html?"));
  const state = viewer.getByRole("status");
  await expect(state).toHaveText("open");
  await press(viewer, /^\S+ [0-9a-f]{4}$/);
  await expect(state).toHaveText("open, video live, audio live", { timeout: 20_000 });
  await expect.poll(() => viewer.locator("canvas").evaluate(brightest)).toBeGreaterThan(50);

  await phone.bringToFront();
  await press(phone, "Stop");
  await viewer.bringToFront();
  await expect(state).toHaveText("open, video ended, audio ended", { timeout: 20_000 });
  await press(viewer, "Let everything go");
  await expect(viewer.locator("#phones button")).toHaveCount(0);
});

/** Of what a canvas shows, 0 to 255. */
function brightest(canvas: HTMLCanvasElement | SVGElement): number {
  const copy = new OffscreenCanvas(64, 64).getContext("2d");
  copy?.drawImage(canvas as HTMLCanvasElement, 0, 0, 64, 64);
  const data = copy?.getImageData(0, 0, 64, 64).data ?? new Uint8ClampedArray();
  return data.reduce((most, one, at) => (at % 4 === 3 ? most : Math.max(most, one)), 0);
}
