/** A phone that streams to a backend: the built page in a browser, and what ends it all. */
import { chromium, devices } from "@playwright/test";
import { requireChromium } from "../../tools/chromium.ts";
import { startStreaming } from "../support/flows.ts";
import { openPlaywrightUi, type PlaywrightUi } from "../support/playwright-ui.ts";
import { startWeb } from "../support/processes.ts";

export interface Phone {
  readonly ui: PlaywrightUi;
  /** Starts a session. */
  stream(): Promise<void>;
  close(): Promise<void>;
}

/** @param webPort where its page will be served; the backend must allow that origin. */
export async function openPhone(webPort: number, backendUrl: string): Promise<Phone> {
  const web = await startWeb({ port: webPort, backendUrl });
  const { defaultBrowserType: _engine, ...context } = devices["Pixel 7"];
  const ui = await openPlaywrightUi({
    browserType: chromium,
    launch: requireChromium(),
    context,
    devices: "both",
    allowed: true,
  });
  return {
    ui,
    stream: () => startStreaming(ui, `${originOf(webPort)}/`),
    close: async () => {
      await ui.close();
      await web.stop();
    },
  };
}

export const originOf = (webPort: number) => `http://127.0.0.1:${webPort}`;
