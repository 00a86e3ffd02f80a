import { existsSync } from "node:fs";
import { chromium } from "playwright";

/** Launch options that pick the Chromium; `{}` leaves the choice, and the complaint, to Playwright. */
export type ChromiumChoice = { channel?: string; executablePath?: string };

/** Where Linux distributions put a Chromium that Playwright can drive. */
const SYSTEM_PATHS = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome-stable",
  "/usr/bin/google-chrome",
];

/** What to do when no Chromium is found; a whole sentence, fit for a terminal. */
export const CHROMIUM_HINT =
  'No Chromium found: run "npx playwright install chromium" (and "sudo npx playwright install-deps chromium" on Linux), or "apt-get install chromium", or set CHROMIUM_PATH to the one you have.';

/**
 * Finds the Chromium that stories and end-to-end tests run in: the one that CHROMIUM_PATH names, else
 * Playwright's own, else the system's.
 *
 * @returns launch options, or undefined when there is none.
 */
export function findChromium(): ChromiumChoice | undefined {
  const named = process.env.CHROMIUM_PATH;
  if (named) return existsSync(named) ? { executablePath: named } : undefined;
  // executablePath() names the full browser, while a headless launch without a channel looks for the separate
  // headless shell, which nobody may have installed: https://playwright.dev/docs/browsers#chromium-new-headless-mode
  if (existsSync(chromium.executablePath())) return { channel: "chromium" };
  const executablePath = SYSTEM_PATHS.find((path) => existsSync(path));
  return executablePath ? { executablePath } : undefined;
}

/**
 * The same, for those who cannot go on without one.
 *
 * @throws Error with the hint as its message.
 */
export function requireChromium(): ChromiumChoice {
  const found = findChromium();
  if (!found) throw new Error(CHROMIUM_HINT);
  return found;
}

/** For configurations that are also read by runs that open no browser, such as the unit tests. */
export const browser: ChromiumChoice = findChromium() ?? {};
