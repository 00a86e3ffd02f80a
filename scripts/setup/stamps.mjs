import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { local } from "./paths.mjs";

/**
 * Which state of its inputs a step of the set-up has worked through. Contents count, not dates: a git checkout makes
 * everything new.
 *
 * @typedef {"backend" | "backend-dev" | "frontend-build" | "story-bundles" | "autovideoflip"} StampName
 */

/**
 * @param {readonly string[]} files absolute paths; a missing one is part of the state, too
 * @param {readonly string[]} [facts] what else the result depends on
 * @returns {string} a hash of all that
 */
export function fingerprint(files, facts = []) {
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
 * @param {string} folder
 * @param {(path: string, isFolder: boolean) => boolean} wanted whether to take a file, or to look into a folder
 * @returns {string[]} absolute paths, sorted
 */
export function listFiles(folder, wanted) {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (!wanted(path, entry.isDirectory())) return [];
      return entry.isDirectory() ? listFiles(path, wanted) : [path];
    })
    .sort();
}

/** @param {StampName} name */
const stampFile = (name) => join(local, "stamps", name);

/**
 * @param {StampName} name
 * @returns {string | undefined} the fingerprint that was stamped last
 */
export function readStamp(name) {
  try {
    return readFileSync(stampFile(name), "utf8");
  } catch {
    return undefined;
  }
}

/**
 * @param {StampName} name
 * @param {string} value
 */
export function writeStamp(name, value) {
  mkdirSync(join(local, "stamps"), { recursive: true });
  writeFileSync(stampFile(name), value);
}
