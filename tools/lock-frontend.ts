/**
 * `npm run lock:frontend`: writes frontend/package-lock.json, from which Railway installs the frontend.
 *
 * Railway builds the frontend from its own folder alone, where the workspace's lock is out of reach. This one is cut out of
 * that one, by npm itself: the same versions, for the frontend's packages only. It needs no network.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { frontend, root } from "./paths.ts";
import { run } from "./processes.ts";
import { runMain, SetupFailure } from "./setup/failure.ts";
import { npm } from "./setup/packages.ts";

await runMain(async () => {
  const folder = mkdtempSync(join(tmpdir(), "twincast-lock-"));
  try {
    mkdirSync(join(folder, "twincast"));
    for (const file of ["package.json", "twincast/package.json"])
      copyFileSync(join(frontend, file), join(folder, file));
    writeFileSync(join(folder, "package-lock.json"), lockOfFolder());
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

/** @returns the workspace's lock with the frontend's own workspaces where they are as seen from its folder */
function lockOfFolder(): string {
  const lock: { packages: Record<string, { resolved?: string; link?: boolean }> } = JSON.parse(
    readFileSync(join(root, "package-lock.json"), "utf8"),
  );
  const seen = (path: string) => path.replace(/^frontend\//, "");
  const packages = Object.entries(lock.packages).map(([path, entry]) => [
    seen(path),
    entry.link && entry.resolved ? { ...entry, resolved: seen(entry.resolved) } : entry,
  ]);
  return JSON.stringify({ ...lock, packages: Object.fromEntries(packages) });
}

/** @returns the environment without what the npm that runs this script says of its own project */
function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
  return Object.fromEntries(own) as NodeJS.ProcessEnv;
}
