/** The verbs on engines that Playwright drives: Chromium, and its own WebKit. */
import {
  type BrowserContextOptions,
  type BrowserType,
  expect,
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

export async function openPlaywrightUi(options: {
  browserType: BrowserType;
  launch: LaunchOptions;
  context: BrowserContextOptions;
  devices: Devices;
  allowed: boolean;
}): Promise<PlaywrightUi> {
  const { browserType, devices } = options;
  const engine = browserType.name();
  const browser = await browserType.launch({
    ...options.launch,
    args: [...(options.launch.args ?? []), ...(engine === "chromium" ? chromiumFlags(devices) : [])],
  });
  const context = await browser.newContext(options.context);
  if (options.allowed) await context.grantPermissions(BOTH);
  // Playwright's WebKit always has mock devices, and Chromium's fake microphone cannot be taken away.
  if (devices === "no-camera" || devices === "no-devices") {
    await context.addInitScript(withoutDevices, { devices, error: "not-found" } satisfies MissingDevices);
  }
  const page = await context.newPage();
  return {
    engine: `${engine === "chromium" ? "Chromium" : "Playwright's WebKit"} ${browser.version()}`,
    page,
    open: async (url) => {
      await page.goto(url);
    },
    press: (button) => page.getByRole("button", { name: button, exact: true }).click(),
    see: (selector, timeoutMs = TIMEOUT_MS) =>
      expect(page.locator(selector).first()).toBeVisible({ timeout: timeoutMs }),
    text: (selector) => page.locator(selector).first().innerText(),
    evaluate: (task, argument) => page.evaluate(task as never, argument) as never,
    answer: (answer) => (answer === "allow" ? context.grantPermissions(BOTH) : context.clearPermissions()),
    screenshot: async (file) => {
      await page.screenshot({ path: file });
    },
    close: () => browser.close(),
  };
}

const CHROMIUM_CAMERAS: Readonly<Record<Devices, number>> = {
  both: 1,
  "two-cameras": 2,
  "no-camera": 0,
  "no-devices": 0,
};

const chromiumFlags = (devices: Devices) => [
  `--use-fake-device-for-media-stream=device-count=${CHROMIUM_CAMERAS[devices]}`,
];
