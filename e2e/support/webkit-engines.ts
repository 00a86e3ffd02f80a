/** Which WebKits this machine has to test with. */
import { existsSync } from "node:fs";
import { webkit } from "@playwright/test";
import { findWebKitGtk } from "../webkitgtk/installation.ts";

/** What to do when there is none; whole sentences, fit for a terminal. */
export const WEBKIT_HINT =
  'No WebKit found, and half of all phones run one: run "npx playwright install --with-deps webkit", or on Debian and ' +
  'Ubuntu "apt-get install webkit2gtk-driver xvfb gstreamer1.0-plugins-base gstreamer1.0-plugins-good ' +
  'gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly gstreamer1.0-libav" (as root, "npm test" does that itself).';

export interface WebKitEngines {
  /** Playwright's own. */
  readonly playwright: boolean;
  /** The distribution's WebKitGTK with its WebDriver. */
  readonly gtk: boolean;
}

/** @throws Error with a hint when there is neither: a run without WebKit would prove less than it says. */
export function requireWebKit(): WebKitEngines {
  const engines = { playwright: existsSync(webkit.executablePath()), gtk: findWebKitGtk() !== undefined };
  if (!engines.playwright && !engines.gtk) throw new Error(WEBKIT_HINT);
  return engines;
}
