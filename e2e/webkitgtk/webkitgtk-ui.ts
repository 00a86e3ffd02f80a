/** The verbs on Debian's WebKitGTK, which Playwright cannot drive: real clicks through WebKitWebDriver. */
import { writeFile } from "node:fs/promises";
import { expect } from "@playwright/test";
import { type MissingDevices, withoutDevices } from "../support/missing-devices.ts";
import type { Devices, Ui } from "../support/ui.ts";
import { launchWebKitGtk } from "./browser.ts";
import type { WebKitGtkInstallation } from "./installation.ts";
import { type ElementReference, WebDriverError, type WebDriverSession } from "./webdriver.ts";

const TIMEOUT_MS = 15_000;
/** A phone's, and cheap to paint: without a GPU, painting takes the processor from the encoder. */
const WINDOW = { width: 412, height: 880 };

export async function openWebKitGtkUi(options: {
  readonly installation: WebKitGtkInstallation;
  readonly features: string | undefined;
  readonly devices: Devices;
  readonly allowed: boolean;
  readonly logFile: string;
}): Promise<Ui> {
  const { devices } = options;
  const { session, permissions, close } = await launchWebKitGtk({
    ...options,
    mockDevices: devices !== "no-devices",
  });
  await session.resizeWindow(WINDOW);
  return {
    engine: `WebKitGTK ${session.browserVersion}${options.features ? ` (${options.features})` : ""}`,
    async open(url) {
      // Before the first request: a grant is remembered for the page.
      if (!options.allowed) await permissions.answer("deny");
      await session.open(url);
      // Its mock camera cannot be taken away alone. There are no init scripts, but nobody asks before the first tap.
      if (devices === "no-camera") {
        await session.evaluate(withoutDevices, {
          devices,
          error: "overconstrained",
        } satisfies MissingDevices);
      }
    },
    enterFrame: () => session.enterFrame(),
    press: (name) => press(session, name),
    see: (selector, timeoutMs = TIMEOUT_MS) =>
      expect
        .poll(() => session.evaluate(isVisible, selector), { timeout: timeoutMs, message: `see ${selector}` })
        .toBe(true),
    text: (selector) =>
      session.evaluate(
        (wanted: string) => document.querySelector<HTMLElement>(wanted)?.innerText ?? "",
        selector,
      ),
    evaluate: (task, argument) => session.evaluate(task, argument),
    answer: (answer) => permissions.answer(answer),
    screenshot: async (file) => writeFile(file, await session.screenshot()),
    close,
  };
}

/** Waits for the button and clicks it; buttons move and are covered while screens change. */
async function press(session: WebDriverSession, name: string): Promise<void> {
  const attempt = async (): Promise<string> => {
    try {
      for (const button of await session.evaluate(pressableButtons, null)) {
        if ((await session.accessibleName(button)) !== name) continue;
        await session.click(button);
        return "pressed";
      }
      return "not there";
    } catch (error) {
      if (error instanceof WebDriverError && TRY_AGAIN.has(error.code)) return error.code;
      throw error;
    }
  };
  await expect.poll(attempt, { timeout: TIMEOUT_MS, message: `press the button "${name}"` }).toBe("pressed");
}

const TRY_AGAIN = new Set([
  "stale element reference",
  "element click intercepted",
  "element not interactable",
  "no such element",
]);

/** Runs in the page. */
function pressableButtons(): ElementReference[] {
  const buttons = document.querySelectorAll<HTMLElement>("button, [role=button]");
  // WebDriver turns elements into references on their way out.
  return [...buttons].filter(
    (button) =>
      button.checkVisibility({ visibilityProperty: true }) &&
      !button.matches(":disabled, [aria-disabled=true]"),
  ) as unknown as ElementReference[];
}

/** Runs in the page. */
function isVisible(selector: string): boolean {
  const element = document.querySelector(selector);
  if (!element?.checkVisibility({ visibilityProperty: true })) return false;
  const { width, height } = element.getBoundingClientRect();
  return width > 0 && height > 0;
}
