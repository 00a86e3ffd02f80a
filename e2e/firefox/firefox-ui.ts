/** The verbs on a Firefox that runs. */
import { expect, type Frame, type Page } from "@playwright/test";
import type { StreamKind } from "twincast";
import { type MissingDevices, withoutDevices } from "../support/missing-devices.ts";
import type { PlaywrightUi } from "../support/playwright-ui.ts";
import type { Answer, Devices } from "../support/ui.ts";
import type { FirefoxBrowser } from "./firefox-browser.ts";
import { withSecondCamera } from "./second-camera.ts";

const TIMEOUT_MS = 15_000;
const PHONE = { width: 412, height: 880 };

/** Values of Firefox's preferences `permissions.default.*`. */
const PREFERENCE_OF: Readonly<Record<Answer, number>> = { allow: 1, deny: 2 };

export async function openFirefoxUi(
  { browser, engine, runPrivileged }: FirefoxBrowser,
  options: { devices: Devices; allowed: boolean },
): Promise<PlaywrightUi> {
  const { devices } = options;
  const context = await browser.newContext({ viewport: PHONE });
  if (devices === "no-camera" || devices === "no-devices") {
    await context.addInitScript(withoutDevices, { devices, error: "not-found" } satisfies MissingDevices);
  }
  if (devices === "two-cameras") await context.addInitScript(withSecondCamera);
  const page = await context.newPage();
  let scope: Page | Frame = page;

  const answer = (wanted: Answer) =>
    runPrivileged(
      ["camera", "microphone"]
        .map((name) => `Services.prefs.setIntPref("permissions.default.${name}", ${PREFERENCE_OF[wanted]})`)
        .join(";"),
    );
  return {
    engine,
    page,
    open: async (url) => {
      await answer(options.allowed ? "allow" : "deny");
      await page.goto(url);
    },
    enterFrame: async () => {
      await expect.poll(() => page.frames().length).toBe(2);
      scope = page.frames()[1] ?? page;
    },
    press: (button) => {
      const found = scope.getByRole("button", { name: button, exact: true });
      // A pointer's actions by BiDi do not reach a frame that has a process of its own.
      return scope === page ? found.click() : found.dispatchEvent("click");
    },
    see: (selector, timeoutMs = TIMEOUT_MS) =>
      expect(scope.locator(selector).first()).toBeVisible({ timeout: timeoutMs }),
    text: (selector) => scope.locator(selector).first().innerText(),
    evaluate: (task, argument) => scope.evaluate(task as never, argument) as never,
    answer,
    hold: (kind, held) => runPrivileged(holdScript(kind, held)),
    hide: () => runPrivileged(HIDE_SCRIPT),
    screenshot: async (file) => {
      await page.screenshot({ path: file });
    },
    close: () => context.close(),
  };
}

/** What the mute button of Firefox's own sharing indicator does; an event that a test makes up reaches no listener. */
const holdScript = (kind: StreamKind, held: boolean) => `
  for (const window of Services.wm.getEnumerator("navigator:browser"))
    for (const { linkedBrowser } of window.gBrowser.tabs)
      linkedBrowser.browsingContext.currentWindowGlobal?.getActor("WebRTC")
        .sendAsyncMessage("webrtc:${held ? "Mute" : "Unmute"}${kind === "audio" ? "Microphone" : "Camera"}")`;

/** Another tab comes before the page's, in its container, with which it is closed. */
const HIDE_SCRIPT = `
  for (const { gBrowser } of Services.wm.getEnumerator("navigator:browser"))
    gBrowser.selectedTab = gBrowser.addTab("about:blank", {
      userContextId: Number(gBrowser.selectedTab.getAttribute("usercontextid")),
      triggeringPrincipal: Services.scriptSecurityManager.getSystemPrincipal(),
    })`;
