import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { local } from "../paths.ts";

/**
 * Which state of its inputs a step of the set-up has worked through. Contents count, not dates: a git checkout makes
 * everything new.
 */
export type StampName =
  | "backend"
  | "backend-dev"
  | "frontend-build"
  | "package"
  | "story-bundles"
  | "autovideoflip";

/**
 * @param files absolute paths; a missing one is part of the state, too
 * @param facts what else the result depends on
 * @returns a hash of all that
 */
export function fingerprint(files: readonly string[], facts: readonly string[] = []): string {
  const hash = createHash("sha256");
  for (const fact of facts) hash.update(fact).update("\0");
  for (const file of files) {
    hash.update(file).update("\0");
    try {
      hash.update(readFileSync(file));
    } catch {
      hash.update("missing");
    }
    hash.update("\0");
  }
  return hash.digest("hex");
}

/**
 * @param wanted whether to take a file, or to look into a folder
 * @returns absolute paths, sorted
 */
export function listFiles(folder: string, wanted: (path: string, isFolder: boolean) => boolean): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (!wanted(path, entry.isDirectory())) return [];
      return entry.isDirectory() ? listFiles(path, wanted) : [path];
    })
    .sort();
}

const stampFile = (name: StampName) => join(local, "stamps", name);

/** @returns the fingerprint that was stamped last */
export function readStamp(name: StampName): string | undefined {
  try {
    return readFileSync(stampFile(name), "utf8");
  } catch {
    return undefined;
  }
}

export function writeStamp(name: StampName, value: string): void {
  mkdirSync(join(local, "stamps"), { recursive: true });
  writeFileSync(stampFile(name), value);
}
