import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { frontend, root } from "../paths.ts";
import { run } from "../processes.ts";
import { SetupFailure } from "./failure.ts";
import { keepLog } from "./logs.ts";
import { npm } from "./packages.ts";
import { step } from "./progress.ts";
import { fingerprint, listFiles, readStamp, writeStamp } from "./stamps.ts";

/** Folders without sources, and files that do not reach the page. */
const NOT_SOURCES = /^(\.next|dist|node_modules|next-env\.d\.ts)$|\.(stories|test)\.tsx?$|\.tsbuildinfo$/;

/** @returns the state of everything that the built page depends on */
export function buildState(): string {
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
 * @param state of the sources when the build began
 */
export function stampBuild(state: string): void {
  writeStamp("frontend-build", state);
}

/**
 * Builds the page for production, unless the present sources are built.
 *
 * @throws {SetupFailure} "build-failed"
 */
export async function ensureBuild(): Promise<void> {
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
