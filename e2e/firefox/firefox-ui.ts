/** The verbs on the system's Firefox, by Playwright's WebDriver BiDi and a relay in between. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { expect, firefox } from "@playwright/test";
import type { StreamKind } from "../../frontend/model/stream.ts";
import { type MissingDevices, withoutDevices } from "../support/missing-devices.ts";
import type { PlaywrightUi } from "../support/playwright-ui.ts";
import { freePort } from "../support/processes.ts";
import type { Answer, Devices } from "../support/ui.ts";
import { withSecondCamera } from "./second-camera.ts";

const TIMEOUT_MS = 15_000;
const PHONE = { width: 412, height: 880 };

/**
 * A fake camera and microphone of Firefox's own, and an output that nobody hears: on a machine without a sound device
 * an AudioContext stays suspended for ever.
 */
const FAKE_DEVICES = { "media.navigator.streams.fake": true, "media.cubeb.force_mock_context": true };

/** Values of Firefox's preferences `permissions.default.*`. */
const PREFERENCE_OF: Readonly<Record<Answer, number>> = { allow: 1, deny: 2 };

export type Preferences = Readonly<Record<string, string | number | boolean>>;

export async function openFirefoxUi(options: {
  executablePath: string;
  /** For what the relay needs on disk. */
  folder: string;
  preferences: Preferences;
  devices: Devices;
  allowed: boolean;
}): Promise<PlaywrightUi> {
  const { devices, preferences } = options;
  const relayPort = await freePort();
  const browser = await firefox.launch({
    channel: "moz-firefox",
    executablePath: writeLauncher(options.folder),
    args: ["--remote-allow-system-access"],
    env: { ...definedEnv(), FIREFOX_PATH: options.executablePath, RELAY_PORT: String(relayPort) },
    firefoxUserPrefs: { ...FAKE_DEVICES, ...preferences },
  });
  const context = await browser.newContext({ viewport: PHONE });
  if (devices === "no-camera" || devices === "no-devices") {
    await context.addInitScript(withoutDevices, { devices, error: "not-found" } satisfies MissingDevices);
  }
  if (devices === "two-cameras") await context.addInitScript(withSecondCamera);
  const page = await context.newPage();

  const runPrivileged = async (script: string): Promise<void> => {
    const response = await fetch(`http://127.0.0.1:${relayPort}/`, { method: "POST", body: script });
    if (!response.ok) throw new Error(`Firefox did not run it: ${await response.text()}`);
  };
  const answer = (wanted: Answer) =>
    runPrivileged(
      ["camera", "microphone"]
        .map((name) => `Services.prefs.setIntPref("permissions.default.${name}", ${PREFERENCE_OF[wanted]})`)
        .join(";"),
    );
  const named = Object.entries(preferences).map(([name, value]) => `${name}=${value}`);
  return {
    engine: ["Firefox", browser.version(), ...named].join(" "),
    page,
    open: async (url) => {
      await answer(options.allowed ? "allow" : "deny");
      await page.goto(url);
    },
    press: (button) => page.getByRole("button", { name: button, exact: true }).click(),
    see: (selector, timeoutMs = TIMEOUT_MS) =>
      expect(page.locator(selector).first()).toBeVisible({ timeout: timeoutMs }),
    text: (selector) => page.locator(selector).first().innerText(),
    evaluate: (task, argument) => page.evaluate(task as never, argument) as never,
    answer,
    hold: (kind, held) => runPrivileged(holdScript(kind, held)),
    hide: () => runPrivileged(HIDE_SCRIPT),
    screenshot: async (file) => {
      await page.screenshot({ path: file });
    },
    close: () => browser.close(),
  };
}

/** What the mute button of Firefox's own sharing indicator does; an event that a test makes up reaches no listener. */
const holdScript = (kind: StreamKind, held: boolean) => `
  for (const window of Services.wm.getEnumerator("navigator:browser"))
    for (const { linkedBrowser } of window.gBrowser.tabs)
      linkedBrowser.browsingContext.currentWindowGlobal?.getActor("WebRTC")
        .sendAsyncMessage("webrtc:${held ? "Mute" : "Unmute"}${kind === "audio" ? "Microphone" : "Camera"}")`;

/** Another tab comes before the page's. */
const HIDE_SCRIPT = `
  for (const { gBrowser } of Services.wm.getEnumerator("navigator:browser"))
    gBrowser.selectedTab = gBrowser.addTab("about:blank", {
      triggeringPrincipal: Services.scriptSecurityManager.getSystemPrincipal(),
    })`;

/** @returns an executable that runs the relay on the Node that runs the tests, whichever the PATH has */
function writeLauncher(folder: string): string {
  const file = path.join(folder, "firefox.sh");
  const relay = path.join(import.meta.dirname, "bidi-relay.ts");
  writeFileSync(file, `#!/bin/sh\nexec "${process.execPath}" "${relay}" "$@"\n`, { mode: 0o755 });
  return file;
}

function definedEnv(): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) env[name] = value;
  return env;
}
