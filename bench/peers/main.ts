/**
 * `npm run bench:peers [-- --rounds 3 --calm 6 --only livekit --report figures]`: this project beside its peers, in one
 * run and through the same network: from capture to the application, what a cut of 5 s costs, and processors. Installs the
 * peers on its first run, in a place of their own. Needs a built page, Linux and root. docs/comparison.md has the method.
 */
import { writeFile } from "node:fs/promises";
import { availableParallelism, cpus, loadavg, release } from "node:os";
import { parseArgs } from "node:util";
import { chromium } from "playwright";
import { requireChromium } from "../../tools/chromium.ts";
import { choosePeers } from "./choose.ts";
import { markdownOf, type RunReport } from "./report.ts";
import { CUT_KINDS, measureSession, type SessionOptions, type SessionResult } from "./session.ts";
import { type PeerSummary, summaryOf } from "./summary.ts";

const CUT_MS = 5_000;
/** What takes longer is told as not having come back. */
const RECOVERY_MS = 6_000;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    calm: { type: "string", default: "6" },
    size: { type: "string", default: "640x480" },
    fps: { type: "string", default: "30" },
    only: { type: "string", default: "" },
    report: { type: "string" },
  },
});
const [width, height] = values.size.split("x").map(Number);
const [rounds, calmS, frameRate] = [Number(values.rounds), Number(values.calm), Number(values.fps)];
if (!(rounds > 0 && calmS > 0 && frameRate > 0 && width && height) || width % 40) {
  throw new Error("Usage: npm run bench:peers -- --rounds 3 --calm 6 --size 640x480 --fps 30 --only aiortc");
}
const options: SessionOptions = {
  sources: { width, height, frameRate },
  calmMs: calmS * 1e3,
  cutMs: CUT_MS,
  recoveryMs: RECOVERY_MS,
  cuts: CUT_KINDS,
};

const { peers, missing, versions } = await choosePeers(values.only.toLowerCase());
const browser = await chromium.launch(requireChromium());
const chromiumVersion = browser.version();
await browser.close();

const load = () => loadavg()[0] ?? Number.NaN;
const startedAt = new Date();
const loads = [load()];
const notRun = [...missing];
const results = new Map<string, SessionResult[]>(peers.map(({ name }) => [name, []]));
// Round by round, so that whatever else the machine does meets all alike.
for (let round = 1; round <= rounds; round++) {
  for (const peer of peers) {
    console.log(`round ${round}: ${peer.name} (load ${load().toFixed(1)})`);
    try {
      results.get(peer.name)?.push(await measureSession(peer, options));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      console.error(reason);
      notRun.push({ name: `${peer.name}, round ${round}`, reason });
    }
    loads.push(load());
  }
  // After each round, so that one that is ended early leaves what it has.
  if (values.report) await writeReport(values.report, reportOf(round));
}
console.log(`\n${markdownOf(reportOf(rounds))}`);
if (measured().length === 0) process.exitCode = 1;

function measured(): [string, SessionResult[]][] {
  return [...results].filter(([, sessions]) => sessions.length > 0);
}

function reportOf(done: number): RunReport {
  return {
    command: `npm run bench:peers -- --rounds ${rounds} --calm ${calmS} --size ${width}x${height} --fps ${frameRate}`,
    startedAt: startedAt.toISOString(),
    machine: {
      cpu: cpus()[0]?.model ?? "an unknown processor",
      cores: availableParallelism(),
      kernel: release(),
      chromium: chromiumVersion,
      node: process.versions.node,
      versions,
    },
    loads,
    method: [
      `${width}x${height} at ${frameRate} frames a second; ${done} rounds in turns, medians of the rounds. Delays and ` +
        `processors: ${calmS} s without a fault. Then no packet passes for ${CUT_MS / 1e3} s, and after ` +
        `${RECOVERY_MS / 1e3} s again, with another address of the phone from then on.`,
    ],
    recoveryMs: RECOVERY_MS,
    peers: Object.fromEntries(
      measured().map(([name, sessions]): [string, PeerSummary] => [name, summaryOf(sessions)]),
    ),
    notRun,
  };
}

async function writeReport(file: string, report: RunReport): Promise<void> {
  await writeFile(`${file}.md`, `${markdownOf(report)}\n`);
  const all = { ...report, sessions: Object.fromEntries(measured()) };
  await writeFile(`${file}.json`, `${JSON.stringify(all, null, 2)}\n`);
}
