/** A phone that opens the page: Chromium with the size of one, a fake camera and a fake microphone. */
import { chromium, devices } from "playwright";
import { requireChromium } from "../../chromium.ts";
import { badge, gate, record } from "../../e2e/support/ui.ts";
import { DOMAIN } from "./edge.mjs";

/** @typedef {import("./edge.mjs").Edge} Edge */

const PATIENCE_MS = 20_000;

/** How long draining the outbox and verifying it may take after Stop. */
const STOP_PATIENCE_MS = 30_000;

/**
 * @typedef {object} Phone
 * @property {(url: string) => Promise<void>} open
 * @property {() => Promise<void>} start allows camera and microphone, starts, and waits until both badges say live
 * @property {() => Promise<void>} stop stops and waits for the summary
 * @property {(problem: "silent" | "refuses-origin" | "not-a-backend") => Promise<string>} backendProblem waits until the page
 *   says so, and returns its words
 * @property {(url: string) => Promise<number>} socketCloseCode opens a WebSocket from the page, and waits for its end
 * @property {() => Promise<void>} close
 */

/**
 * @param {Edge} edge
 * @returns {Promise<Phone>}
 */
export async function takePhone(edge) {
  const browser = await chromium.launch({
    ...requireChromium(),
    args: [
      "--use-fake-device-for-media-stream",
      // Names of the rehearsal lead to the edge, whatever their port; everything else stays as it is.
      `--host-resolver-rules=MAP *.${DOMAIN} 127.0.0.1:${edge.port}`,
      `--ignore-certificate-errors-spki-list=${edge.publicKeyHash}`,
    ],
  });
  const { defaultBrowserType: _engine, ...pixel } = devices["Pixel 7"] ?? {};
  const context = await browser.newContext({ ...pixel, permissions: ["camera", "microphone"] });
  const page = await context.newPage();
  const see = (/** @type {string} */ selector, timeout = PATIENCE_MS) =>
    page.locator(selector).first().waitFor({ timeout });
  const press = (/** @type {string} */ name) => page.getByRole("button", { name, exact: true }).click();
  return {
    open: async (url) => {
      await page.goto(url);
    },
    start: async () => {
      await see(gate("before-asking"));
      await press("Allow camera and microphone");
      await see(record("ready"));
      await press("Start streaming");
      await see(badge("video", "live"));
      await see(badge("audio", "live"));
    },
    stop: async () => {
      await press("Stop streaming");
      await see(record("ended"), STOP_PATIENCE_MS);
    },
    backendProblem: async (problem) => {
      const notice = page.locator(`[data-problem="${problem}"]`).first();
      await notice.waitFor({ timeout: PATIENCE_MS });
      return notice.getByRole("heading").innerText();
    },
    socketCloseCode: (url) =>
      page.evaluate(
        (address) =>
          new Promise((resolve) => {
            new WebSocket(address, "twincast.v1").addEventListener("close", ({ code }) => resolve(code));
          }),
        url,
      ),
    close: () => browser.close(),
  };
}
