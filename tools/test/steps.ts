import { join } from "node:path";
import { backend, local, python, root } from "../paths.ts";
import { npm } from "../setup/packages.ts";
import { type Counts, countPlaywright, countPytest, countVitest } from "./counts.ts";
import { describeEngines } from "./engines.ts";

export interface Step {
  /** As in `npm test -- <name>`. */
  readonly name: string;
  /** For `npm test -- --help`. */
  readonly what: string;
  readonly command: readonly [command: string, args: readonly string[]];
  readonly cwd: string;
  /** What the set-up has to make first. */
  readonly needs: readonly ("python" | "browsers" | "stories" | "build")[];
  /** Whether it has the machine to itself: tests with browsers and tests of delays want that. */
  readonly alone: boolean;
  readonly timeoutMs: number;
  /** Where it says how many tests ran; `note`: what else of it belongs into the summary. */
  readonly report?: {
    readonly file: string;
    readonly count: (text: string) => Counts;
    readonly note?: (text: string) => string;
  };
  readonly env?: Readonly<Record<string, string>>;
}

export const reports = join(local, "reports");

const MINUTE_MS = 60_000;

const file = {
  unit: join(reports, "unit.json"),
  backend: join(reports, "backend.xml"),
  attacks: join(reports, "backend-attacks.xml"),
  stories: join(reports, "stories.json"),
  e2e: join(reports, "e2e.json"),
};

const npmRun = (...args: readonly string[]) => npm(["run", "--silent", ...args]);

/** @returns Vitest's options for a readable output and a report to count */
const vitestReport = (report: string) => [
  "--",
  "--reporter=default",
  "--reporter=json",
  `--outputFile.json=${report}`,
];

/** Everything that `npm test` does, in its order: what is quick and fails often comes first. */
export const STEPS: readonly Step[] = [
  {
    name: "lint",
    what: "Biome: format, lint and import rules of the TypeScript",
    command: npmRun("lint"),
    cwd: root,
    needs: [],
    alone: false,
    timeoutMs: MINUTE_MS,
  },
  {
    name: "types",
    what: "TypeScript's types: the page, the tests, the tools",
    command: npmRun("typecheck"),
    cwd: root,
    needs: [],
    alone: false,
    timeoutMs: 2 * MINUTE_MS,
  },
  {
    name: "backend-lint",
    what: "Ruff: lint of the Python",
    command: [python.executable, ["-m", "ruff", "check", ".", "../bench/peers"]],
    cwd: backend,
    needs: ["python"],
    alone: false,
    timeoutMs: MINUTE_MS,
  },
  {
    name: "backend-format",
    what: "Ruff: format of the Python",
    command: [python.executable, ["-m", "ruff", "format", "--check", "--diff", ".", "../bench/peers"]],
    cwd: backend,
    needs: ["python"],
    alone: false,
    timeoutMs: MINUTE_MS,
  },
  {
    name: "backend-types",
    what: "mypy: types of the Python",
    command: [python.executable, ["-m", "mypy"]],
    cwd: backend,
    needs: ["python"],
    alone: false,
    timeoutMs: 2 * MINUTE_MS,
  },
  {
    name: "unit",
    what: "Vitest: the page's logic and the tools, without a browser",
    command: npmRun("unit", ...vitestReport(file.unit)),
    cwd: root,
    needs: [],
    alone: false,
    timeoutMs: 5 * MINUTE_MS,
    report: { file: file.unit, count: countVitest },
  },
  {
    name: "backend",
    what: "pytest: the backend",
    // Most of it waits for processes and for time to pass.
    command: [
      python.executable,
      ["-m", "pytest", "-n", "3", "--dist", "worksteal", "-m", "not alone", `--junit-xml=${file.backend}`],
    ],
    cwd: backend,
    needs: ["python"],
    alone: true,
    timeoutMs: 8 * MINUTE_MS,
    report: { file: file.backend, count: countPytest },
  },
  {
    name: "backend-attacks",
    what: "pytest: the backend under attack; delays and memory are compared",
    command: [python.executable, ["-m", "pytest", "-m", "alone", `--junit-xml=${file.attacks}`]],
    cwd: backend,
    needs: ["python"],
    alone: true,
    timeoutMs: 6 * MINUTE_MS,
    report: { file: file.attacks, count: countPytest },
  },
  {
    name: "stories",
    what: "Vitest: every story in a real browser, with its interactions and accessibility",
    command: npmRun("stories", ...vitestReport(file.stories)),
    cwd: root,
    needs: ["browsers", "stories"],
    alone: true,
    timeoutMs: 6 * MINUTE_MS,
    report: { file: file.stories, count: countVitest },
  },
  {
    name: "build",
    what: "Next.js: the page for production",
    command: npmRun("build"),
    cwd: root,
    needs: [],
    alone: true,
    timeoutMs: 3 * MINUTE_MS,
    env: { NEXT_TELEMETRY_DISABLED: "1" },
  },
  {
    name: "size",
    what: "How much code a phone has to load, against budgets",
    command: npmRun("bench:size"),
    cwd: root,
    needs: ["python", "build"],
    alone: false,
    timeoutMs: 2 * MINUTE_MS,
  },
  {
    name: "e2e",
    what: "Playwright: the page, the backend, the network between them, and a deployment to Railway",
    // playwright.config.ts reports as JSON where this variable names a file.
    command: npmRun("e2e"),
    cwd: root,
    needs: ["python", "browsers", "build"],
    alone: true,
    // For what hangs: a slow machine takes 17 minutes.
    timeoutMs: 40 * MINUTE_MS,
    report: { file: file.e2e, count: countPlaywright, note: describeEngines },
    env: { PLAYWRIGHT_JSON_OUTPUT_FILE: file.e2e },
  },
];
