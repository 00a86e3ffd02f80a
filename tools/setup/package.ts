import { existsSync, mkdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { frontend, local, root } from "../paths.ts";
import { run } from "../processes.ts";
import { SetupFailure } from "./failure.ts";
import { oneAtATime } from "./lock.ts";
import { keepLog } from "./logs.ts";
import { npm } from "./packages.ts";
import { step } from "./progress.ts";
import { fingerprint, listFiles, readStamp, writeStamp } from "./stamps.ts";

const folder = join(frontend, "twincast");
const packed = join(local, "package");
/** As `npm pack` calls it. */
export const TARBALL_NAME = "twincast-0.1.0.tgz";
const tarball = join(packed, TARBALL_NAME);

const NOT_SOURCES = /^(dist|node_modules|testing)$|\.test\.ts$|\.tgz$/;

/**
 * Builds the package and packs it as npm would publish it, unless its present sources are packed.
 *
 * @returns the tarball
 * @throws {SetupFailure} "build-failed"
 */
export const ensurePackage = (): Promise<string> => oneAtATime(packUnlessPacked);

async function packUnlessPacked(): Promise<string> {
  const state = fingerprint([
    ...listFiles(folder, (path) => !NOT_SOURCES.test(basename(path))),
    join(root, "package-lock.json"),
  ]);
  if (existsSync(tarball) && readStamp("package") === state) return tarball;
  await step("Packing twincast", async () => {
    rmSync(packed, { recursive: true, force: true });
    mkdirSync(packed, { recursive: true });
    const [command, args] = npm(["pack", "--silent", "--pack-destination", packed]);
    const { code, output } = await run(command, args, { cwd: folder, env: process.env });
    if (code === 0 && existsSync(tarball)) return;
    const log = keepLog("npm-pack", output);
    throw new SetupFailure("build-failed", `The package twincast could not be packed: ${log} says why.`);
  });
  writeStamp("package", state);
  return tarball;
}
