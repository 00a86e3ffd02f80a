import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "../paths.ts";
import { run } from "../processes.ts";
import { npm } from "./packages.ts";
import { step } from "./progress.ts";
import { fingerprint, readStamp, writeStamp } from "./stamps.ts";

/** Where Storybook has Vite keep the packages that it has bundled for the browser. */
const CACHE = join(root, "node_modules", ".cache", "storybook");

/** What decides about the bundles, as far as Vite and Storybook themselves go by it. */
const INPUTS = ["package-lock.json", "vitest.config.ts", ".storybook/main.ts", "frontend/next.config.ts"];

/** Bundling takes seconds, a busy machine some more. */
const PREPARE_MS = 3 * 60_000;

/**
 * Lets Vite bundle the packages that the stories import before any story runs. While it bundles, it may find another
 * one, start again, and refuse the modules that a browser is just loading: "Failed to fetch dynamically imported module"
 * in some test files of a first run on a busy machine (https://github.com/vitest-dev/vitest/issues/11171).
 */
export async function ensureStoryBundles(): Promise<void> {
  const state = fingerprint(INPUTS.map((file) => join(root, file)));
  if (existsSync(CACHE) && readStamp("story-bundles") === state) return;
  await step("Bundling the stories' packages", async () => {
    // No test's name is empty: every file is loaded and no story runs. What is wrong here is reported by the stories.
    const [command, args] = npm(["run", "--silent", "stories", "--", "--testNamePattern=^$"]);
    await run(command, args, { cwd: root, timeoutMs: PREPARE_MS });
  });
  writeStamp("story-bundles", state);
}
