import { spawn, spawnSync } from "node:child_process";
import { realpathSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { SetupFailure } from "./failure.mjs";
import { RERUN } from "./stopping.mjs";

/** What the set-up itself needs; the packages run on the Node that package.json brings along. */
export const OLDEST_NODE = "20.19.0";

/** Vitest 5 calls Map.groupBy and the configurations are TypeScript that Node reads without a build step. */
export const OLDEST_NODE_FOR_TESTS = "22.18.0";

/**
 * Compares dotted version numbers; what follows the numbers ("-rc.1", "+local") does not count.
 *
 * @param {string} a
 * @param {string} b
 * @returns {number} below 0 when `a` is older, 0 when equal, above 0 when newer
 */
export function compareVersions(a, b) {
  const numbers = (/** @type {string} */ version) =>
    (/\d+(\.\d+)*/.exec(version)?.[0] ?? "0").split(".").map(Number);
  const [left, right] = [numbers(a), numbers(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * @param {string} oldest the oldest version that will do
 * @param {string} [version] the one that runs
 * @throws {SetupFailure} when it is older
 */
export function requireNode(oldest, version = process.versions.node) {
  if (compareVersions(version, oldest) < 0) {
    throw new SetupFailure(
      "node-too-old",
      `Node ${oldest} or newer is needed, and this is ${version}: install a current one from https://nodejs.org and run the command again.`,
    );
  }
}

/**
 * The Node that comes with the packages, where one exists for this platform.
 *
 * @param {string} root the project's folder
 * @returns {string | undefined} its path; undefined when there is none, when it cannot run here, or when it runs already
 */
export function bundledNode(root) {
  const path = join(root, "node_modules", ".bin", "node");
  try {
    if (realpathSync(path) === realpathSync(process.execPath)) return undefined;
  } catch {
    return undefined;
  }
  // A glibc binary on a musl system exists and does not start.
  return spawnSync(path, ["--version"]).status === 0 ? path : undefined;
}

/**
 * Runs this very command again under another Node and waits for it. The child stays in this process group, so that a
 * Ctrl-C in the terminal reaches it; signals that were sent to this process alone are handed on.
 *
 * @param {string} node path of the other Node
 * @returns {Promise<number>} its exit code, 128 + n when signal n ended it
 */
export function runUnder(node) {
  const child = spawn(node, process.argv.slice(1), {
    stdio: "inherit",
    env: { ...process.env, [RERUN]: "1" },
  });
  /** @type {NodeJS.Signals[]} */
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? "SIGKILL"]));
  });
}
