import { findFirefox } from "../firefox.ts";
import { aptInstall, canAptInstall } from "./apt.ts";

/** Installs Debian's Firefox as a third engine for the end-to-end tests, as root; elsewhere they use the one there is. */
export async function ensureFirefox(): Promise<void> {
  if (!findFirefox() && canAptInstall()) await aptInstall("Firefox", ["firefox-esr"]);
}
