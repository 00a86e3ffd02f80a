/** Lighthouse, in a folder of its own: it is as large as everything else, and only this bench needs it. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { chromium } from "playwright";
import { requireChromium } from "../../tools/chromium.ts";
import { run } from "../../tools/processes.ts";
import { npm } from "../../tools/setup/packages.ts";

const FOLDER = path.join(import.meta.dirname, "lighthouse");

export const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"] as const;
export type Category = (typeof CATEGORIES)[number];

/** Of 100. */
export const MIN_SCORES: Readonly<Record<Category, number>> = {
  performance: 95,
  accessibility: 100,
  "best-practices": 100,
  seo: 100,
};

export interface Report {
  /** Of 100. */
  readonly scores: Readonly<Record<Category, number>>;
  /** What costs points, a line each. */
  readonly complaints: readonly string[];
}

type Audit = { title: string; score: number | null; displayValue?: string; scoreDisplayMode: string };

/** A mobile visit. @throws Error when Lighthouse cannot be installed, or gives no report. */
export async function lighthouse(url: string): Promise<Report> {
  await ensureInstalled();
  const { executablePath = chromium.executablePath() } = requireChromium();
  const folder = mkdtempSync(path.join(tmpdir(), "twincast-lighthouse-"));
  const report = path.join(folder, "report.json");
  try {
    const { code, output } = await run(
      process.execPath,
      [
        path.join(FOLDER, "node_modules/lighthouse/cli/index.js"),
        url,
        "--output=json",
        `--output-path=${report}`,
        `--only-categories=${CATEGORIES.join(",")}`,
        "--chrome-flags=--headless=new --no-sandbox --disable-dev-shm-usage",
        "--quiet",
      ],
      { cwd: folder, env: { ...process.env, CHROME_PATH: executablePath } },
    );
    if (code !== 0) throw new Error(`Lighthouse gave no report:\n${output}`);
    const { categories, audits } = JSON.parse(readFileSync(report, "utf8")) as {
      categories: Record<Category, { score: number; auditRefs: { id: string; weight: number }[] }>;
      audits: Record<string, Audit>;
    };
    const scores = CATEGORIES.map((name) => [name, Math.round(100 * categories[name].score)]);
    const complaints = CATEGORIES.flatMap((name) =>
      categories[name].auditRefs.flatMap(({ id, weight }) => {
        const audit = audits[id];
        if (!audit || weight === 0 || audit.score === null || audit.score === 1) return [];
        return [`${name}: ${audit.title} ${audit.displayValue ?? ""}`];
      }),
    );
    return { scores: Object.fromEntries(scores) as Record<Category, number>, complaints };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function ensureInstalled(): Promise<void> {
  if (existsSync(path.join(FOLDER, "node_modules/lighthouse/package.json"))) return;
  const [command, args] = npm(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]);
  const { code, output } = await run(command, args, { cwd: FOLDER, env: process.env });
  if (code !== 0) throw new Error(`Lighthouse could not be installed:\n${output}`);
}
