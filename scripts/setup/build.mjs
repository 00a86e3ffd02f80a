import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { SetupFailure } from "./failure.mjs";
import { keepLog } from "./logs.mjs";
import { npm } from "./packages.mjs";
import { frontend, root } from "./paths.mjs";
import { run } from "./processes.mjs";
import { step } from "./progress.mjs";
import { fingerprint, listFiles, readStamp, writeStamp } from "./stamps.mjs";

/** Folders without sources, and files that do not reach the page. */
const NOT_SOURCES = /^(\.next|node_modules|next-env\.d\.ts)$|\.(stories|test)\.tsx?$|\.tsbuildinfo$/;

/** @returns {string} the state of everything that the built page depends on */
export function buildState() {
  const files = listFiles(frontend, (path) => !NOT_SOURCES.test(basename(path)));
  const variables = Object.entries(process.env)
    .filter(([name]) => name.startsWith("NEXT_PUBLIC_"))
    .map(([name, value]) => `${name}=${value}`)
    .sort();
  return fingerprint([...files, join(root, "package-lock.json")], variables);
}

/**
 * Notes what the build in frontend/.next was made of.
 *
 * @param {string} state of the sources when the build began
 */
export function stampBuild(state) {
  writeStamp("frontend-build", state);
}

/**
 * Builds the page for production, unless the present sources are built.
 *
 * @throws {SetupFailure} "build-failed"
 */
export async function ensureBuild() {
  // BUILD_ID is what `next start` itself looks for; next build writes it last.
  const state = buildState();
  if (existsSync(join(frontend, ".next", "BUILD_ID")) && readStamp("frontend-build") === state) return;
  await step("Building the page", async () => {
    const [command, args] = npm(["run", "build"]);
    const { code, output } = await run(command, args, {
      cwd: root,
      env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1" },
    });
    if (code === 0) return;
    const log = keepLog("next-build", output);
    throw new SetupFailure(
      "build-failed",
      `The page could not be built: ${log} says why; "npm run dev" shows the same with the place in the source.`,
    );
  });
  stampBuild(state);
}
