/**
 * npm run soak -- --minutes N --seed S [--holes 2x5,20x5,60x3] [--report file.json]
 * npm run soak -- --replicas 3 --kill --minutes N --seed S
 * npm run soak -- --firefox [--holes 20x3]
 *
 * The second form plays several backends behind one address, on an engine and without one, and nothing else; the third
 * the black holes in Firefox. The first:
 *
 * Random cuts for N minutes, kills of the backend, and black holes of real packets (of 2 s five times, of 20 s …); ends
 * with a report of figures, and fails when anything was lost, repeated or changed, or came back too late.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { ensureBuild } from "../../tools/setup/build.ts";
import { type Hole, runBlackHoles } from "./black-holes.ts";
import { type FleetFigures, fleetFaults, formatFleet, runFleet } from "./fleet.ts";
import { runKills } from "./kills.ts";
import { runRandomCuts } from "./random-cuts.ts";
import {
  blackHoleFaults,
  FIREFOX_MAX_P95_MS,
  faultsOf,
  formatBlackHoles,
  formatReport,
  type Report,
} from "./report.ts";

const KILLS = 5;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "5" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
    holes: { type: "string", default: "2x5,20x5,60x3" },
    replicas: { type: "string" },
    kill: { type: "boolean", default: false },
    firefox: { type: "boolean", default: false },
    report: { type: "string" },
  },
});
const minutes = positive("minutes", values.minutes);
const seed = positive("seed", values.seed);
const holes = holesOf(values.holes);
const say = (line: string) => console.log(line);

await ensureBuild();
const folder = await mkdtemp(path.join(os.tmpdir(), "twincast-soak-"));
try {
  const faults = await soak();
  for (const fault of faults) console.error(`FAULT: ${fault}`);
  process.exitCode = faults.length > 0 ? 1 : 0;
} finally {
  await rm(folder, { recursive: true });
}

/** @returns a sentence per broken promise. */
function soak(): Promise<string[]> {
  if (values.firefox) return soakFirefox();
  return values.replicas === undefined ? soakOne() : soakFleet(positive("replicas", values.replicas));
}

async function soakFirefox(): Promise<string[]> {
  say(`npm run soak -- --firefox --holes ${values.holes}`);
  const blackHoles = await runBlackHoles(holes, folder, say, "firefox");
  if (values.report) await writeFile(values.report, JSON.stringify(blackHoles, null, 2));
  say(`\n${formatBlackHoles(blackHoles)}`);
  return blackHoleFaults(blackHoles, FIREFOX_MAX_P95_MS);
}

/** One backend. @returns a sentence per broken promise. */
async function soakOne(): Promise<string[]> {
  say(`npm run soak -- --minutes ${minutes} --seed ${seed} --holes ${values.holes}`);
  say(`random cuts for ${minutes} minutes …`);
  const cuts = await runRandomCuts(minutes, seed, folder);
  say(`${KILLS} kills of the backend …`);
  const kills = await runKills(KILLS, folder);
  const blackHoles = await runBlackHoles(holes, folder, say);
  const report: Report = { minutes, seed, cuts, kills, blackHoles };
  if (values.report) await writeFile(values.report, JSON.stringify(report, null, 2));
  say(`\n${formatReport(report)}`);
  return faultsOf(report);
}

/** Several. @returns a sentence per broken promise of those that have an engine. */
async function soakFleet(replicas: number): Promise<string[]> {
  const { kill } = values;
  say(`npm run soak -- --replicas ${replicas}${kill ? " --kill" : ""} --minutes ${minutes} --seed ${seed}`);
  const played: FleetFigures[] = [];
  for (const withEngine of [true, false]) {
    const figures = await runFleet({ minutes, seed, replicas, kill }, withEngine, folder);
    say(formatFleet(figures));
    played.push(figures);
  }
  if (values.report) await writeFile(values.report, JSON.stringify(played, null, 2));
  return played.filter(({ withEngine }) => withEngine).flatMap(fleetFaults);
}

function holesOf(text: string): Hole[] {
  return text.split(",").map((one) => {
    const [seconds = "", trials = ""] = one.split("x");
    return { lengthMs: positive("holes", seconds) * 1_000, trials: positive("holes", trials) };
  });
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  console.error(`--${name} must be a number above 0, not "${text}".`);
  process.exit(2);
}
