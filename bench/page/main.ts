/**
 * `npm run bench:page [-- --rounds 5]`: the first visit on a slow phone, against bounds, and Lighthouse's scores. Exits
 * with 1 when a bound is exceeded. docs/first-load.md explains the figures.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright";
import { chromiumFlags } from "../../e2e/support/playwright-ui.ts";
import { freePort, startBackend, startWeb } from "../../e2e/support/processes.ts";
import { requireChromium } from "../../tools/chromium.ts";
import { ensureBuild } from "../../tools/setup/build.ts";
import { CATEGORIES, lighthouse, MIN_SCORES } from "./lighthouse.ts";
import { type Load, measureLoad } from "./load.ts";

/** Upper bounds of the medians. */
const BOUNDS = {
  firstPaintMs: 1_600,
  largestPaintMs: 1_600,
  usableMs: 1_600,
  askedMs: 2_000,
  longestTaskMs: 100,
  layoutShift: 0,
  buttonMovedPx: 0,
  scriptBytesUsable: 130_000,
  scriptBytes: 160_000,
} as const satisfies Record<keyof Load, number>;

const NAMES: Readonly<Record<keyof Load, string>> = {
  firstPaintMs: "first contentful paint, ms",
  largestPaintMs: "largest contentful paint, ms",
  usableMs: "the button is usable, ms",
  askedMs: "a tap at first sight has led to the question, ms",
  longestTaskMs: "longest task, ms",
  layoutShift: "cumulative layout shift",
  buttonMovedPx: "the button has moved, CSS pixels",
  scriptBytesUsable: "scripts until the button is usable, bytes",
  scriptBytes: "scripts until the question is asked, bytes",
};

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "5" }, "no-lighthouse": { type: "boolean", default: false } },
});

await ensureBuild();
const port = await freePort();
const origin = `http://localhost:${port}`;
const recordingDir = mkdtempSync(path.join(tmpdir(), "twincast-page-"));
const backend = await startBackend({ recordingDir, origins: [origin] });
const web = await startWeb({ port, backendUrl: `http://localhost:${backend.port}` });
const url = `${origin}/`;
let isWithin = true;
try {
  const browser = await chromium.launch({ ...requireChromium(), args: chromiumFlags("both") });
  const loads: Load[] = [];
  // The first one warms the server up.
  for (let round = 0; round <= Number(values.rounds); round++) loads.push(await measureLoad(browser, url));
  await browser.close();
  console.log(
    `Chromium at CPU 4x and slow 4G, medians of ${values.rounds}; load ${loadavg()[0]?.toFixed(1)}`,
  );
  for (const name of Object.keys(BOUNDS) as (keyof Load)[]) {
    const figure = median(loads.slice(1).map((load) => load[name]));
    const fits = figure <= BOUNDS[name];
    isWithin &&= fits;
    line(NAMES[name], figure, BOUNDS[name], fits);
  }
  if (!values["no-lighthouse"]) {
    const { scores, complaints } = await lighthouse(url);
    console.log("Lighthouse, mobile");
    for (const category of CATEGORIES) {
      const fits = scores[category] >= MIN_SCORES[category];
      isWithin &&= fits;
      line(category, scores[category], MIN_SCORES[category], fits);
    }
    for (const complaint of complaints) console.log(`  ${complaint}`);
  }
} finally {
  await Promise.all([web.stop(), backend.stop()]);
  rmSync(recordingDir, { recursive: true });
}
if (!isWithin) process.exitCode = 1;

function line(name: string, figure: number, bound: number, fits: boolean): void {
  const digits = Number.isInteger(figure) || figure >= 100 ? 0 : 3;
  console.log(
    `  ${name.padEnd(50)}${figure.toFixed(digits).padStart(8)}   ${fits ? "within" : "BEYOND"} ${bound}`,
  );
}

function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN;
}
