/**
 * `npm run bench:size`: how much code a phone has to load, against budgets. Exits with 1 when one is exceeded.
 * Needs a built page (`npm run build`).
 */
import { measureCore } from "./core.ts";
import { measureFirstLoad } from "./page.ts";

/** Bytes after gzip. */
const BUDGETS = {
  /** A phone that records with MediaRecorder loads this much to capture and send. */
  core: 13_400,
  /** What WebCodecs adds, without Mediabunny. */
  webcodecs: 10_500,
  /** The scripts that the page loads before its button works; React and Next are most of it. */
  firstLoad: 130_000,
};

const kB = (bytes: number) => `${(bytes / 1_000).toFixed(1).padStart(7)} kB`;
const line = (name: string, bytes: number, note = "") => console.log(`${name.padEnd(54)}${kB(bytes)}${note}`);

/** @returns whether it is within its budget. */
function check(name: string, bytes: number, budgetBytes: number): boolean {
  const isWithin = bytes <= budgetBytes;
  line(name, bytes, `   ${isWithin ? "within" : "OVER"} the budget of ${kB(budgetBytes).trim()}`);
  return isWithin;
}

const core = await measureCore();
const { document, scripts } = await measureFirstLoad();
const firstLoadBytes = scripts.reduce((total, { bytes }) => total + bytes, 0);

console.log("Sizes after gzip");
const verdicts = [
  check("core: from a track to an acknowledged chunk", core.coreBytes, BUDGETS.core),
  check("WebCodecs' part, loaded where it is tried", core.webcodecsBytes, BUDGETS.webcodecs),
  check(`first load of the page: ${scripts.length} scripts`, firstLoadBytes, BUDGETS.firstLoad),
];
console.log("For comparison");
line("core with its libraries", core.coreWithLibrariesBytes);
line("all of capture, transport and protocol", core.allBytes);
line("the page's document", document.bytes);
for (const { path, bytes } of scripts) line(path.split("/").at(-1) ?? path, bytes);
if (verdicts.includes(false)) process.exitCode = 1;
