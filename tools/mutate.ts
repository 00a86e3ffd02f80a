/**
 * `npm run mutate`: breaks the library on purpose, one line at a time, and sees whether a test turns red. Out of
 * `npm test`, because it runs the unit tests some hundred times.
 *
 * `npm run mutate -- worker/proxy clone` tries those whose file or promise has one of the words. Exits non-zero when a mutation survives, or when the line
 * that it changes is there no more.
 */
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { MUTATIONS, type Mutation } from "./mutate/mutations.ts";
import { root } from "./paths.ts";
import { endGroup, spawnGroup } from "./processes.ts";

/** What the unit tests of the library read. */
const COPIED = ["frontend/twincast/src", "protocol", "docs"];
/** A mutation may make a loop that never ends. */
const TEST_TIMEOUT_MS = 180_000;

type Verdict = "killed" | "survived" | "not found" | "found twice";

/** Its own config: the project's one brings Storybook and a browser, which no unit test needs. */
const CONFIG = `import path from "node:path";
export default {
  resolve: { alias: { "@": path.resolve(import.meta.dirname, "frontend") } },
  test: {
    include: ["frontend/twincast/src/**/*.test.ts"],
    // The arrows between folders are the linter's, which does not run here. What only a random schedule finds may be
    // missed the next time.
    exclude: ["**/arrows.test.ts", "**/*schedules.test.ts"],
    testTimeout: 60_000,
  },
};
`;

async function makeCopy(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), "twincast-mutate-"));
  for (const folder of COPIED) await cp(join(root, folder), join(copy, folder), { recursive: true });
  await symlink(join(root, "node_modules"), join(copy, "node_modules"));
  await writeFile(join(copy, "package.json"), '{ "type": "module" }');
  await writeFile(join(copy, "vitest.config.ts"), CONFIG);
  return copy;
}

/** @returns whether all of these tests pass. */
async function passes(copy: string, args: readonly string[]): Promise<boolean> {
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const child = spawnGroup(process.execPath, [vitest, ...args, "--bail", "1", "--passWithNoTests"], {
    cwd: copy,
    stdio: "ignore",
  });
  const timer = setTimeout(() => void endGroup(child), TEST_TIMEOUT_MS);
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  clearTimeout(timer);
  return code === 0;
}

async function tryOut(copy: string, { file, before, after }: Mutation): Promise<Verdict> {
  const target = join(copy, "frontend/twincast/src", file);
  const original = await readFile(target, "utf8").catch(() => "");
  const parts = original.split(before);
  if (parts.length !== 2) return parts.length < 2 ? "not found" : "found twice";
  await writeFile(target, parts.join(after));
  try {
    // Those beside it first: they are quick, and mostly the ones that turn red.
    if (!(await passes(copy, ["run", `frontend/twincast/src/${dirname(file)}/`]))) return "killed";
    return (await passes(copy, ["related", "--run", target])) ? "survived" : "killed";
  } finally {
    await writeFile(target, original);
  }
}

const words = process.argv.slice(2);
const chosen = MUTATIONS.filter(({ file, promise }) => {
  return words.length === 0 || words.some((word) => `${file} ${promise}`.includes(word));
});
const copy = await makeCopy();
const survivors: string[] = [];
let killed = 0;
try {
  if (!(await passes(copy, ["run"]))) throw new Error("The unit tests fail without any mutation.");
  for (const mutation of chosen) {
    const verdict = await tryOut(copy, mutation);
    if (verdict === "killed") killed++;
    else survivors.push(`${verdict}: ${mutation.file}: ${mutation.promise}`);
    console.log(`${verdict.padEnd(11)} ${mutation.file.padEnd(34)} ${mutation.promise}`);
  }
} finally {
  await rm(copy, { recursive: true, force: true });
}
console.log(`\n${killed} of ${chosen.length} mutations killed`);
for (const survivor of survivors) console.log(survivor);
process.exitCode = survivors.length > 0 ? 1 : 0;
