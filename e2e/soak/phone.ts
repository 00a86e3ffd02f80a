/** A phone that streams to a backend: the built page in a browser, and what ends it all. */
import { chromium, devices } from "@playwright/test";
import { requireChromium } from "../../tools/chromium.ts";
import { FIREFOX_HINT, findFirefox } from "../../tools/firefox.ts";
import { launchFirefox } from "../firefox/firefox-browser.ts";
import { openFirefoxUi } from "../firefox/firefox-ui.ts";
import { startStreaming } from "../support/flows.ts";
import { launchPlaywrightUi, type PlaywrightUi } from "../support/playwright-ui.ts";
import { startWeb } from "../support/processes.ts";

export interface Phone {
  readonly ui: PlaywrightUi;
  /** Starts a session. */
  stream(): Promise<void>;
  close(): Promise<void>;
}

export type PhoneBrowser = "chromium" | "firefox";

/** @param webPort where its page will be served; the backend must allow that origin. */
export async function openPhone(
  webPort: number,
  backendUrl: string,
  browser: PhoneBrowser = "chromium",
): Promise<Phone> {
  const web = await startWeb({ port: webPort, backendUrl });
  const ui = browser === "firefox" ? await openFirefox() : await openChromium();
  return {
    ui,
    stream: () => startStreaming(ui, `${originOf(webPort)}/`),
    close: async () => {
      await ui.close();
      await web.stop();
    },
  };
}

function openChromium(): Promise<PlaywrightUi> {
  const { defaultBrowserType: _engine, ...context } = devices["Pixel 7"];
  const launch = requireChromium();
  return launchPlaywrightUi({ browserType: chromium, launch, context, devices: "both", allowed: true });
}

/** One of its own: what it holds of a host would reach into the next trial. */
async function openFirefox(): Promise<PlaywrightUi> {
  const executablePath = findFirefox();
  if (!executablePath) throw new Error(FIREFOX_HINT);
  const firefox = await launchFirefox({ executablePath, preferences: {} });
  const ui = await openFirefoxUi(firefox, { devices: "both", allowed: true });
  return { ...ui, close: firefox.close };
}

export const originOf = (webPort: number) => `http://127.0.0.1:${webPort}`;
