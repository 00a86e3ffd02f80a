import { existsSync } from "node:fs";
import { chromium, webkit } from "playwright";
import { CHROMIUM_HINT, findChromium } from "../chromium.ts";
import { root } from "../paths.ts";
import { type Finished, run } from "../processes.ts";
import { aptInstall, canAptInstall } from "./apt.ts";
import { SetupFailure } from "./failure.ts";
import { npm } from "./packages.ts";
import { step } from "./progress.ts";

/** Two browsers of 100 to 200 MB each on a slow line; whoever has a slower one has the system's Chromium. */
const DOWNLOAD_MS = 5 * 60_000;

/** How long to wait for a first answer from where Playwright keeps its browsers. */
const ANSWER_MS = 5_000;

/** Playwright's version-matched browsers. */
const PLAYWRIGHTS_OWN = ["chromium", "webkit"];

/**
 * Makes sure that there is a Chromium for stories and end-to-end tests: Playwright's own (together with its WebKit)
 * where it can be downloaded, else the system's, else Debian's package.
 *
 * @param otherwise what to do without one
 * @throws {SetupFailure} "browser-missing" with a hint
 */
export async function ensureBrowsers(otherwise: string): Promise<void> {
  await downloadBrowsers();
  if (!findChromium() && canAptInstall()) await aptInstall("Chromium", ["chromium", "fonts-liberation"]);
  if (!findChromium()) throw new SetupFailure("browser-missing", `${CHROMIUM_HINT} ${otherwise}`);
}

/** Downloads Playwright's browsers, where there are some for this system and they can be reached. */
async function downloadBrowsers(): Promise<void> {
  const present = [chromium, webkit].every((type) => existsSync(type.executablePath()));
  if (present || process.env.CHROMIUM_PATH || process.env.PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD) return;
  const plan = await playwrightInstall(["--dry-run"]);
  if (plan.code !== 0 || !(await areReachable(downloadUrls(plan.output)))) return;
  await step("Downloading Playwright's browsers", async () => {
    // Only root may install the libraries that a browser needs; elsewhere Playwright says which are missing.
    const withDeps = canAptInstall() ? ["--with-deps"] : [];
    await playwrightInstall(["--no-shell", ...withDeps]);
  });
}

function playwrightInstall(options: readonly string[]): Promise<Finished> {
  const [command, args] = npm(["exec", "--", "playwright", "install", ...options, ...PLAYWRIGHTS_OWN]);
  return run(command, args, { cwd: root, timeoutMs: DOWNLOAD_MS });
}

/**
 * @param plan what `playwright install --dry-run` prints
 * @returns the addresses that it would download from first
 */
export function downloadUrls(plan: string): string[] {
  return [...plan.matchAll(/^\s*Download url:\s+(https?:\S+)$/gm)].map(([, url]) => url ?? "");
}

/** @returns whether all of them can be had */
async function areReachable(urls: readonly string[]): Promise<boolean> {
  if (urls.length === 0) return false;
  // fetch() takes no notice of a proxy, Playwright does: let it try.
  if (process.env.HTTPS_PROXY || process.env.https_proxy) return true;
  const answers = urls.map((url) =>
    fetch(url, { method: "HEAD", signal: AbortSignal.timeout(ANSWER_MS) }).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  return (await Promise.all(answers)).every((ok) => ok);
}
