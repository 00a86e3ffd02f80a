import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { run } from "../processes.ts";
import { buildState, ensureBuild, stampBuild } from "../setup/build.ts";
import { oneAtATime } from "../setup/lock.ts";
import { ensurePackages } from "../setup/packages.ts";
import { seconds } from "../setup/progress.ts";
import { ensurePython, ffmpegPath } from "../setup/python.ts";
import { ensureStoryBundles } from "../setup/stories.ts";
import { type Counts, NONE, sum } from "./counts.ts";
import { runInOrder } from "./schedule.ts";
import { reports, STEPS, type Step } from "./steps.ts";

interface Result {
  readonly ok: boolean;
  readonly counts: Counts;
}

/**
 * Makes what the steps need, and nothing that only others need.
 *
 * @returns the environment of the steps
 * @throws {SetupFailure}
 */
async function setUp(steps: readonly Step[]): Promise<NodeJS.ProcessEnv> {
  await ensurePackages();
  const needs = new Set(steps.flatMap((step) => step.needs));
  const env: NodeJS.ProcessEnv = { ...process.env };
  if (process.stdout.isTTY && !process.env.NO_COLOR) Object.assign(env, { FORCE_COLOR: "1", PY_COLORS: "1" });
  if (needs.has("python")) {
    await ensurePython("test");
    env.FFMPEG_PATH = await ffmpegPath();
  }
  if (needs.has("browsers")) {
    const { ensureBrowsers } = await import("../setup/browsers.ts");
    const { ensureFirefox } = await import("../setup/firefox.ts");
    const { ensureWebKitGtk } = await import("../setup/webkitgtk.ts");
    const without = STEPS.filter((step) => !step.needs.includes("browsers")).map(({ name }) => name);
    await ensureBrowsers(`Without a browser, "npm test -- ${without.join(" ")}" checks the rest.`);
    await ensureFirefox();
    Object.assign(env, await ensureWebKitGtk());
  }
  if (needs.has("stories")) await ensureStoryBundles();
  if (needs.has("build") && !steps.some(({ name }) => name === "build")) await ensureBuild();
  return env;
}

/**
 * Sets up, runs the steps, and says what came of it. The last line is "N passed, N failed": the sum of what the test
 * runners report.
 */
export async function runSteps(
  steps: readonly Step[],
  { keepGoing, verbose }: { keepGoing: boolean; verbose: boolean },
): Promise<Result> {
  const startedAt = performance.now();
  const env = await oneAtATime(() => setUp(steps));
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });

  const { results, notRun } = await runInOrder(steps, (step) => runStep(step, env, verbose), {
    keepGoing,
    width: Math.min(2, availableParallelism()),
  });

  for (const { name } of notRun) console.log(`${label(name)}not run`);
  const failed = [...results].filter(([, { ok }]) => !ok).map(([{ name }]) => name);
  const counts = sum([...results.values()].map((result) => result.counts));
  const outcome = failed.length === 0 ? "all steps passed" : `failed: ${failed.join(", ")}`;
  console.log(`\n${outcome}, in ${seconds(performance.now() - startedAt)}`);
  return { ok: failed.length === 0 && notRun.length === 0, counts };
}

async function runStep(step: Step, env: NodeJS.ProcessEnv, verbose: boolean): Promise<Result> {
  const startedAt = performance.now();
  const live = verbose && step.alone;
  if (live) console.log(`\n── ${step.name} ──`);
  const state = step.name === "build" ? buildState() : undefined;
  const [command, args] = step.command;
  const { code, output, timedOut } = await run(command, args, {
    cwd: step.cwd,
    env: { ...env, ...step.env },
    timeoutMs: step.timeoutMs,
    onOutput: live ? (text) => process.stdout.write(text) : undefined,
  });
  const { counts, note, problem } = readReport(step);
  if (code === 0 && state !== undefined) stampBuild(state);
  const ok = code === 0 && problem === undefined && counts.failed === 0;

  if (!live && (verbose || !ok)) console.log(`\n── ${step.name} ──\n${output.trimEnd()}`);
  if (timedOut)
    console.log(`Ended after ${seconds(step.timeoutMs)}, which is more than ${step.name} may take.`);
  if (problem) console.log(problem);
  const tests = step.report ? `  ${describe(counts)}` : "";
  console.log(
    `${label(step.name)}${ok ? "passed" : "FAILED"}  ${seconds(performance.now() - startedAt)}${tests}`,
  );
  if (note) console.log(`${label("")}${note}`);
  return { ok, counts };
}

/** @returns a runner that reports no test at all has a problem */
function readReport({ name, report }: Step): {
  counts: Counts;
  note?: string | undefined;
  problem?: string;
} {
  if (!report) return { counts: NONE };
  try {
    const text = readFileSync(report.file, "utf8");
    const counts = report.count(text);
    const note = report.note?.(text);
    return counts.passed + counts.failed > 0
      ? { counts, note }
      : { counts, problem: `No test of ${name} ran.` };
  } catch (error) {
    return { counts: NONE, problem: `${name} left no report of its tests: ${error}` };
  }
}

const describe = ({ passed, failed, skipped }: Counts) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;

const label = (name: string) => name.padEnd(16);
