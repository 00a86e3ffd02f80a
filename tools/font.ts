/**
 * `npm run font`: makes the page's font file out of Inter as it is published on npm, with the characters and the weights
 * that frontend/app/fonts.css names and nothing else. The same sources make the same bytes.
 *
 * What it needs is installed into tools/font/, for itself: only who changes the font has a use for it.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { frontend, root } from "./paths.ts";
import { run } from "./processes.ts";
import { runMain, SetupFailure } from "./setup/failure.ts";
import { npm } from "./setup/packages.ts";

const FOLDER = join(root, "tools/font");
const SOURCE = join(FOLDER, "node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2");
const STYLES = join(frontend, "app/fonts.css");
const FONT = join(frontend, "app/fonts/inter.woff2");

/**
 * OpenType features that the page uses, or that browsers use unasked: kerning, marks and what belongs to a language;
 * `calt`, by which a colon between digits stands in their middle; `tnum`, digits of one width.
 */
const FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl", "calt", "tnum"];

/** https://github.com/papandreou/subset-font */
type SubsetFont = (
  font: Uint8Array,
  text: string,
  options: {
    targetFormat: "woff2";
    keepFeatures: readonly string[];
    variationAxes: Readonly<Record<string, { min: number; max: number }>>;
  },
) => Promise<Uint8Array>;

await runMain(async () => {
  await ensureInstalled();
  const styles = readFileSync(STYLES, "utf8");
  const subset = pathToFileURL(join(FOLDER, "node_modules/subset-font/index.js")).href;
  const { default: subsetFont } = (await import(subset)) as { default: SubsetFont };
  const font = await subsetFont(readFileSync(SOURCE), characters(styles), {
    targetFormat: "woff2",
    keepFeatures: FEATURES,
    variationAxes: { wght: weights(styles) },
  });
  writeFileSync(FONT, font);
  console.log(`${FONT}: ${(font.length / 1_000).toFixed(1)} kB`);
  return 0;
});

/** @returns every character of the style sheet's `unicode-range` */
function characters(styles: string): string {
  const ranges = /unicode-range:([^;]+);/.exec(styles)?.[1]?.split(",") ?? [];
  const points = ranges.flatMap((range) => {
    const [first, last = first] = range.trim().replace("U+", "").split("-");
    const from = Number.parseInt(first ?? "", 16);
    return Array.from({ length: Number.parseInt(last ?? "", 16) - from + 1 }, (_, index) => from + index);
  });
  if (points.length === 0) throw new SetupFailure("install-failed", `${STYLES} names no characters.`);
  return String.fromCodePoint(...points);
}

/** @returns the ends of the style sheet's `font-weight` */
function weights(styles: string): { min: number; max: number } {
  const [, min, max] = /font-weight: (\d+) (\d+);/.exec(styles) ?? [];
  if (!min || !max) throw new SetupFailure("install-failed", `${STYLES} names no weights.`);
  return { min: Number(min), max: Number(max) };
}

async function ensureInstalled(): Promise<void> {
  if (existsSync(SOURCE)) return;
  const [command, args] = npm(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]);
  const { code, output } = await run(command, args, { cwd: FOLDER, env: process.env });
  if (code !== 0)
    throw new SetupFailure("install-failed", `What makes the font could not be installed:\n${output}`);
}
