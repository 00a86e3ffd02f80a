import { existsSync } from "node:fs";
import { run } from "../processes.ts";
import { SetupFailure } from "./failure.ts";
import { keepLog, looksOffline } from "./logs.ts";
import { step } from "./progress.ts";

/** A slow mirror and a few hundred megabytes. */
const INSTALL_MS = 6 * 60_000;

// biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholders
const STATUS_FORMAT = "-f=${db:Status-Abbrev} ${Package}\\n";

/** @returns whether packages of Debian or its relatives may be installed without asking anybody */
export function canAptInstall(): boolean {
  return existsSync("/usr/bin/apt-get") && process.getuid?.() === 0;
}

/**
 * @param status what dpkg-query printed: a line "ii  name" per installed package, others for the rest
 * @returns those that are not installed
 */
export function notInstalled(names: readonly string[], status: string): string[] {
  const installed = new Set([...status.matchAll(/^ii\s+(\S+)$/gm)].map(([, name]) => name));
  return names.filter((name) => !installed.has(name));
}

/**
 * Installs Debian packages, unless they are installed.
 *
 * @param what for the person: "Chromium"
 * @throws {SetupFailure} "offline" or "tool-missing"
 */
export async function aptInstall(what: string, names: readonly string[]): Promise<void> {
  const { output: status } = await run("dpkg-query", ["-W", STATUS_FORMAT, ...names]);
  const missing = notInstalled(names, status);
  if (missing.length === 0) return;
  await step(`Installing ${what} from the system's packages`, async () => {
    const apt = ["-y", "-q", "-o", "DPkg::Lock::Timeout=120"];
    const options = { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" }, timeoutMs: INSTALL_MS };
    const update = await run("apt-get", [...apt, "update"], options);
    const install = await run("apt-get", [...apt, "install", "--no-install-recommends", ...missing], options);
    if (install.code === 0) return;
    const log = keepLog(`apt-${missing[0]}`, update.output + install.output);
    throw looksOffline(update.output)
      ? new SetupFailure(
          "offline",
          `The system's package archive cannot be reached: connect to the internet and run the command again; ${log} has what apt-get said.`,
        )
      : new SetupFailure(
          "tool-missing",
          `${what} could not be installed: run "apt-get install ${missing.join(" ")}" and see why (its output is in ${log}).`,
        );
  });
}
