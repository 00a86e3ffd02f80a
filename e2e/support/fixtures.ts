/**
 * What a flow needs: the real page in a browser, the real backend on its own port, and the fault proxy between them.
 */
import path from "node:path";
import {
  type Browser,
  test as base,
  chromium,
  expect,
  devices as phones,
  type TestInfo,
  webkit,
} from "@playwright/test";
import { browser as chromiumChoice } from "../../tools/chromium.ts";
import { FIREFOX_HINT, findFirefox } from "../../tools/firefox.ts";
import { type FirefoxBrowser, launchFirefox, type Preferences } from "../firefox/firefox-browser.ts";
import { openFirefoxUi } from "../firefox/firefox-ui.ts";
import { findWebKitGtk } from "../webkitgtk/installation.ts";
import { openWebKitGtkUi } from "../webkitgtk/webkitgtk-ui.ts";
import { startConsumer } from "./consumer.ts";
import { findEngine, startEngine } from "./engine.ts";
import { ENGINE_ANNOTATION } from "./engines-reporter.ts";
import { FaultProxy } from "./fault-proxy.ts";
import { launchWithDevices, openPlaywrightUi, type PlaywrightUi } from "./playwright-ui.ts";
import { freePort, type Running, startBackend, startWeb } from "./processes.ts";
import { Recording } from "./recording.ts";
import { takeTurn } from "./turn.ts";
import type { Devices, Ui } from "./ui.ts";
import { WEBKIT_HINT } from "./webkit-engines.ts";

export { expect };

/** What a project of playwright.config.ts says of itself. */
export type EngineMetadata =
  | {
      readonly engine: "chromium" | "webkit";
      /** A name from Playwright's list of devices. */
      readonly phone?: string;
    }
  | {
      readonly engine: "firefox";
      readonly preferences?: Preferences;
    }
  | {
      readonly engine: "webkitgtk";
      /** Switches for WebKit's features, such as `-MediaRecorder`. */
      readonly features?: string;
    };

/** The frontend and the proxy that its pages take for the backend; one of each per worker. */
interface Site {
  readonly origin: string;
  readonly proxy: FaultProxy;
}

/** The backend behind the proxy. It can be killed and started again, with its memory gone and its files kept. */
export interface Backend {
  readonly recording: Recording;
  readonly port: number;
  readonly pid: number;
  /** What all its processes printed. */
  output(): string;
  stop(signal?: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
}

export const test = base.extend<
  {
    devices: Devices;
    allowed: boolean;
    backendEnv: Record<string, string>;
    /** Whether the backend keeps its streams in a Redis or Valkey, where a consumer takes them. */
    withEngine: boolean;
    backend: Backend;
    faults: FaultProxy;
    /** One WebKitGTK at a time, whatever its features: it encodes and draws in the same few threads. */
    turn: undefined;
    ui: Ui;
    /** The same one, for flows that need an engine that Playwright drives. */
    playwrightUi: PlaywrightUi;
    pageUrl: string;
  },
  {
    webEnv: Record<string, string>;
    site: Site;
    /** Starts the Firefox of this worker, or gives the one that runs. */
    sharedFirefox: () => Promise<FirefoxBrowser>;
    /** The same for browsers that Playwright drives: one for each set of devices. */
    sharedBrowser: (devices: Devices) => Promise<Browser>;
  }
>({
  devices: ["both", { option: true }],
  allowed: [true, { option: true }],
  backendEnv: [{}, { option: true }],
  withEngine: [false, { option: true }],

  webEnv: [{}, { option: true, scope: "worker" }],

  site: [
    async ({ webEnv }, use) => {
      const proxy = await FaultProxy.start();
      const port = await freePort();
      const web = await startWeb({ port, backendUrl: `http://127.0.0.1:${proxy.port}`, env: webEnv });
      await use({ origin: `http://127.0.0.1:${port}`, proxy });
      await web.stop();
      await proxy.close();
    },
    { scope: "worker", timeout: 60_000 },
  ],

  sharedFirefox: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from its first parameter
    async ({}, use, { project }) => {
      let launched: Promise<FirefoxBrowser> | undefined;
      await use(() => {
        launched ??= launchFirefoxFor(project.metadata as EngineMetadata);
        return launched;
      });
      await (await launched)?.close();
    },
    { scope: "worker", timeout: 60_000 },
  ],

  sharedBrowser: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from its first parameter
    async ({}, use, { project }) => {
      const launched = new Map<Devices, Promise<Browser>>();
      await use((devices) => {
        const running = launched.get(devices) ?? launchFor(project.metadata as EngineMetadata, devices);
        launched.set(devices, running);
        return running;
      });
      for (const browser of launched.values()) await (await browser).close();
    },
    { scope: "worker", timeout: 60_000 },
  ],

  faults: async ({ site }, use) => {
    await use(site.proxy);
    site.proxy.clear();
  },

  pageUrl: async ({ site }, use) => use(`${site.origin}/`),

  backend: async ({ site, backendEnv, withEngine }, use, info) => {
    const recordingDir = info.outputPath("recordings");
    const fleet = withEngine ? await startFleet(info, recordingDir) : null;
    const env = { ...fleet?.env, ...backendEnv };
    let running: Running | null = null;
    let printed = "";
    const backend: Backend = {
      recording: new Recording(recordingDir),
      get port() {
        if (!running) throw new Error("The backend is stopped.");
        return running.port;
      },
      get pid() {
        if (!running) throw new Error("The backend is stopped.");
        return running.pid;
      },
      output: () => printed + (running?.output() ?? ""),
      stop: async (signal) => {
        await running?.stop(signal);
        printed += running?.output() ?? "";
        running = null;
      },
      start: async () => {
        running = await startBackend({ recordingDir, origins: [site.origin], env });
        site.proxy.forwardTo(running.port);
      },
    };
    await backend.start();
    await use(backend);
    await backend.stop();
    await fleet?.stop();
    if (info.status !== info.expectedStatus) {
      await info.attach("backend.log", { body: backend.output(), contentType: "text/plain" });
    }
  },

  turn: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from its first parameter
    async ({}, use, { project }) => {
      const isNeeded = (project.metadata as EngineMetadata).engine === "webkitgtk";
      const giveBack = isNeeded ? await takeTurn("webkitgtk") : () => {};
      await use(undefined);
      giveBack();
    },
    // The wait is no part of the flow.
    { timeout: 420_000 },
  ],

  ui: async (
    { devices, allowed, sharedFirefox, sharedBrowser, turn: _hasTurn, backend: _needsBackend },
    use,
    info,
  ) => {
    const ui = await openUi(info, { devices, allowed, sharedFirefox, sharedBrowser });
    info.annotations.push({ type: ENGINE_ANNOTATION, description: ui.engine });
    await use(ui);
    if (info.status !== info.expectedStatus) {
      const file = path.join(info.outputDir, "page.png");
      await ui.screenshot(file).catch(() => {});
      await info.attach("page.png", { path: file, contentType: "image/png" }).catch(() => {});
    }
    await ui.close();
  },

  playwrightUi: async ({ ui }, use) => {
    if (!isPlaywrightUi(ui)) throw new Error(`Playwright does not drive ${ui.engine}.`);
    await use(ui);
  },
});

/** What a backend needs that shares its streams with others. Skips the test on a machine that has no engine. */
async function startFleet(info: TestInfo, recordingDir: string) {
  const program = await findEngine();
  info.skip(program.kind === "none", program.kind === "none" ? program.reason : "");
  const engine = await startEngine();
  const log = { LOG_URL: engine.url, LOG_KEEP_S: "60" };
  const consumer = startConsumer({ recordingDir, env: log });
  const stop = async () => {
    await consumer.stop("SIGTERM");
    await engine.stop();
  };
  return { env: { SINKS: "console", ...log }, stop };
}

const isPlaywrightUi = (ui: Ui): ui is PlaywrightUi => "page" in ui;

function launchFirefoxFor(project: EngineMetadata): Promise<FirefoxBrowser> {
  const executablePath = findFirefox();
  if (!executablePath) throw new Error(FIREFOX_HINT);
  const preferences = project.engine === "firefox" ? project.preferences : undefined;
  return launchFirefox({ executablePath, preferences: preferences ?? {} });
}

/** Enough to see that pictures arrive, and a small machine has the time to encode them. */
const FRAMES_PER_SECOND = 10;

const launchFor = ({ engine }: EngineMetadata, devices: Devices): Promise<Browser> =>
  engine === "webkit"
    ? launchWithDevices({ browserType: webkit, launch: {}, devices })
    : launchWithDevices({
        browserType: chromium,
        launch: chromiumChoice,
        devices,
        framesPerSecond: FRAMES_PER_SECOND,
      });

async function openUi(
  info: TestInfo,
  {
    devices,
    allowed,
    sharedFirefox,
    sharedBrowser,
  }: {
    devices: Devices;
    allowed: boolean;
    sharedFirefox: () => Promise<FirefoxBrowser>;
    sharedBrowser: (devices: Devices) => Promise<Browser>;
  },
): Promise<Ui> {
  const project = info.project.metadata as EngineMetadata;
  switch (project.engine) {
    case "chromium":
    case "webkit":
      return openPlaywrightUi(await sharedBrowser(devices), {
        context: project.phone ? contextOf(project.phone) : {},
        devices,
        allowed,
      });
    case "firefox":
      return openFirefoxUi(await sharedFirefox(), { devices, allowed });
    case "webkitgtk": {
      const installation = findWebKitGtk();
      if (!installation) throw new Error(WEBKIT_HINT);
      const { features } = project;
      return openWebKitGtkUi({
        installation,
        features,
        devices,
        allowed,
        logFile: info.outputPath("webkitgtk.log"),
      });
    }
  }
}

/** Size, touch and user agent of a phone, without the engine that Playwright would choose for it. */
function contextOf(phone: string) {
  const descriptor = phones[phone];
  if (!descriptor) throw new Error(`Playwright knows no device "${phone}".`);
  const { defaultBrowserType: _engine, ...context } = descriptor;
  return context;
}
