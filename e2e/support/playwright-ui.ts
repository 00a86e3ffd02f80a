/** The verbs on engines that Playwright drives: Chromium, and its own WebKit. */
import {
  type Browser,
  type BrowserContextOptions,
  type BrowserType,
  expect,
  type Frame,
  type LaunchOptions,
  type Page,
} from "@playwright/test";
import { type MissingDevices, withoutDevices } from "./missing-devices.ts";
import type { Devices, Ui } from "./ui.ts";

const BOTH = ["camera", "microphone"];
const TIMEOUT_MS = 15_000;

/** For what cannot be asked of every engine: dialogs of the browser, its processes. */
export interface PlaywrightUi extends Ui {
  readonly page: Page;
}

interface UiOptions {
  readonly context: BrowserContextOptions;
  readonly devices: Devices;
  readonly allowed: boolean;
}

/** @returns the verbs on a browser of their own, which `close` ends. */
export async function launchPlaywrightUi(
  options: UiOptions & { readonly browserType: BrowserType; readonly launch: LaunchOptions },
): Promise<PlaywrightUi> {
  const browser = await launchWithDevices(options);
  return { ...(await openPlaywrightUi(browser, options)), close: () => browser.close() };
}

/** Starts a browser with devices that it makes up. */
export function launchWithDevices(options: {
  readonly browserType: BrowserType;
  readonly launch: LaunchOptions;
  readonly devices: Devices;
  /** Of the camera that Chromium makes up; its own choice is 20. */
  readonly framesPerSecond?: number;
}): Promise<Browser> {
  const { browserType, launch, devices, framesPerSecond } = options;
  const flags = browserType.name() === "chromium" ? chromiumFlags(devices, framesPerSecond) : [];
  return browserType.launch({ ...launch, args: [...(launch.args ?? []), ...flags] });
}

/**
 * @param browser from `launchWithDevices`, with the same devices
 * @returns the verbs on a page with cookies, files and permissions of its own, which `close` takes along.
 */
export async function openPlaywrightUi(browser: Browser, options: UiOptions): Promise<PlaywrightUi> {
  const { devices } = options;
  const engine = browser.browserType().name();
  const context = await browser.newContext(options.context);
  if (options.allowed) await context.grantPermissions(BOTH);
  // Playwright's WebKit always has mock devices, and Chromium's fake microphone cannot be taken away.
  if (devices === "no-camera" || devices === "no-devices") {
    await context.addInitScript(withoutDevices, { devices, error: "not-found" } satisfies MissingDevices);
  }
  const page = await context.newPage();
  let scope: Page | Frame = page;
  return {
    engine: `${engine === "chromium" ? "Chromium" : "Playwright's WebKit"} ${browser.version()}`,
    page,
    open: async (url) => {
      await page.goto(url);
    },
    enterFrame: async () => {
      await expect.poll(() => page.frames().length).toBe(2);
      scope = page.frames()[1] ?? page;
    },
    press: (button) => scope.getByRole("button", { name: button, exact: true }).click(),
    see: (selector, timeoutMs = TIMEOUT_MS) =>
      expect(scope.locator(selector).first()).toBeVisible({ timeout: timeoutMs }),
    text: (selector) => scope.locator(selector).first().innerText(),
    evaluate: (task, argument) => scope.evaluate(task as never, argument) as never,
    answer: (answer) => (answer === "allow" ? context.grantPermissions(BOTH) : context.clearPermissions()),
    screenshot: async (file) => {
      await page.screenshot({ path: file });
    },
    close: () => context.close(),
  };
}

const CHROMIUM_CAMERAS: Readonly<Record<Devices, number>> = {
  both: 1,
  "two-cameras": 2,
  "no-camera": 0,
  "no-devices": 0,
};

/**
 * What Chromium's window does that no flow looks at. The first two open a renderer each for every window; together they
 * cost as much as a load of the page. The rest are Playwright's own, named again because of several such switches the last counts.
 */
export const DISABLED_FEATURES = [
  "WebUIOmniboxPopup",
  "WebUIOmniboxAimPopup",
  "AvoidUnnecessaryBeforeUnloadCheckSync",
  "DestroyProfileOnBrowserClose",
  "HttpsUpgrades",
  "HttpsFirstBalancedModeAutoEnable",
  "LensOverlay",
  "MediaRouter",
  "PaintHolding",
  "ThirdPartyStoragePartitioning",
  "AvoidCorsURLLoaderRestartOnRedirect",
  "TcpPortRandomizationWin",
  "OptimizationHints",
  "NetworkTimeServiceQuerying",
  "AimEnabled",
  "PreconnectToSearch",
  "msForceBrowserSignIn",
  "msEdgeUpdateLaunchServicesPreferredVersion",
];

/** Devices that Chromium makes up, and no window around the page that costs anything. */
export const chromiumFlags = (devices: Devices, framesPerSecond = 20) => [
  `--use-fake-device-for-media-stream=device-count=${CHROMIUM_CAMERAS[devices]},fps=${framesPerSecond}`,
  `--disable-features=${DISABLED_FEATURES.join(",")}`,
];
