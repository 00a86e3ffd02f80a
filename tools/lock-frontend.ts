/**
 * `npm run lock:frontend`: writes frontend/package-lock.json, from which Railway installs the frontend.
 *
 * Railway builds the frontend from its own folder alone, where the workspace's lock is out of reach. This one is cut out of
 * that one, by npm itself: the same versions, for the frontend's packages only. It needs no network.
 */
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { frontend, root } from "./paths.ts";
import { run } from "./processes.ts";
import { runMain, SetupFailure } from "./setup/failure.ts";
import { npm } from "./setup/packages.ts";

await runMain(async () => {
  const folder = mkdtempSync(join(tmpdir(), "twincast-lock-"));
  try {
    copyFileSync(join(frontend, "package.json"), join(folder, "package.json"));
    copyFileSync(join(root, "package-lock.json"), join(folder, "package-lock.json"));
    const [command, args] = npm([
      "install",
      "--package-lock-only",
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
    ]);
    const { code, output } = await run(command, args, { cwd: folder, env: environment() });
    if (code !== 0) throw new SetupFailure("install-failed", `npm could not write the lock:\n${output}`);
    copyFileSync(join(folder, "package-lock.json"), join(frontend, "package-lock.json"));
    const { packages } = JSON.parse(readFileSync(join(frontend, "package-lock.json"), "utf8"));
    console.log(`frontend/package-lock.json names ${Object.keys(packages).length - 1} packages.`);
    return 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** @returns the environment without what the npm that runs this script says of its own project */
function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
  return Object.fromEntries(own) as NodeJS.ProcessEnv;
}
