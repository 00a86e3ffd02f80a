/** Where Firefox is on this machine; Playwright's own build of it is another engine than what people have. */
import { existsSync } from "node:fs";

/** Debian's; a `firefox` of Ubuntu is a snap, whose profile cannot lie where Playwright makes one. */
const FIREFOXES = ["/usr/bin/firefox-esr", "/usr/lib/firefox/firefox", "/usr/lib64/firefox/firefox"];

/** What to do when there is none; a whole sentence, fit for a terminal. */
export const FIREFOX_HINT =
  'No Firefox found: on Debian "apt-get install firefox-esr" (as root, "npm test" does that itself), or set ' +
  "FIREFOX_PATH to the one you have.";

/** @returns the executable that FIREFOX_PATH names, else the system's; undefined where there is none. */
export function findFirefox(): string | undefined {
  const named = process.env.FIREFOX_PATH;
  if (named) return existsSync(named) ? named : undefined;
  return FIREFOXES.find((file) => existsSync(file));
}
