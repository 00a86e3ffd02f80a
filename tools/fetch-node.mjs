/** Brings a Node into .local/, by npm and from its registry, on a machine whose own is too old. */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const tools = dirname(fileURLToPath(import.meta.url));
const isWindows = process.platform === "win32";

const OPTIONS = [
  "--include=optional",
  "--ignore-scripts",
  "--no-audit",
  "--no-fund",
  "--loglevel=error",
  // Without a network npm would try for minutes.
  "--fetch-retries=1",
  "--fetch-retry-mintimeout=1000",
  "--fetch-retry-maxtimeout=2000",
];

/**
 * @param {string} oldest the oldest version that will do
 * @param {(command: string, args: readonly string[], options: import("node:child_process").SpawnOptions) =>
 *   Promise<{ code: number, output: string }>} runToEnd
 * @returns {Promise<string>} path of the Node that tools/node/package.json pins; fetched once, and then at hand
 * @throws {Error} with a `sentence` for the person at the terminal, and the `exitCode`
 */
export async function fetchNode(oldest, runToEnd) {
  const needed = `Node ${oldest} or newer is needed, and this is ${process.versions.node}`;
  const install = "install a current one from https://nodejs.org and run the command again";
  const name = `node-${isWindows ? "win" : process.platform}-${process.arch}`;
  const { optionalDependencies } = JSON.parse(readFileSync(join(tools, "node", "package.json"), "utf8"));
  const version = optionalDependencies[name];
  if (!version) throw failure(`${needed}: ${install}.`);
  const shelf = join(dirname(tools), ".local", "node");
  const home = join(shelf, version);
  const path = (/** @type {string} */ folder) =>
    join(folder, "node_modules", name, "bin", isWindows ? "node.exe" : "node");
  if (existsSync(path(home))) return path(home);

  process.stderr.write(`${needed}. Fetching Node ${version} into .local/node … `);
  const failed = (/** @type {string} */ why) =>
    failure(`failed (${why})\n${needed}, and none could be fetched: ${install}.`);
  let staging;
  try {
    mkdirSync(shelf, { recursive: true });
    staging = mkdtempSync(join(shelf, "fetching-"));
    for (const file of ["package.json", "package-lock.json"]) {
      copyFileSync(join(tools, "node", file), join(staging, file));
    }
    // npm holds what it fetches to the hashes of that package-lock.json.
    const { code, output } = await runNpm(["ci", "--prefix", staging, ...OPTIONS], staging, runToEnd);
    if (code > 128) throw failure("interrupted", code);
    if (code !== 0) {
      const [reason = "npm ended without a reason"] = /(?<=npm (error|ERR!) ).+/.exec(output) || [];
      throw failed(reason);
    }
    // npm leaves out an optional package that it cannot have, and is content.
    if (!existsSync(path(staging))) throw failed("npm did not get it: is this computer online?");
    // A binary for glibc exists on a system with musl, and does not start.
    if (spawnSync(path(staging), ["--version"]).status !== 0) throw failed("it does not run on this system");
    // A second command may have been faster; what it fetched is the same.
    if (!existsSync(home)) renameSync(staging, home);
    process.stderr.write("done\n");
    return path(home);
  } catch (error) {
    throw error instanceof Error && "sentence" in error ? error : failed(String(error));
  } finally {
    if (staging) rmSync(staging, { recursive: true, force: true });
  }
}

/**
 * By the npm that runs this, else by the one on the PATH.
 *
 * @param {string[]} args
 * @param {string} cwd
 * @param {Parameters<typeof fetchNode>[1]} runToEnd
 */
function runNpm(args, cwd, runToEnd) {
  const { npm_execpath: cli = "", npm_node_execpath: node } = process.env;
  /** @type {import("node:child_process").SpawnOptions} */
  const options = { cwd, stdio: ["ignore", "pipe", "pipe"] };
  if (cli.endsWith(".js")) return runToEnd(node || process.execPath, [cli, ...args], options);
  return runToEnd("npm", args, { ...options, shell: isWindows });
}

/**
 * @param {string} sentence
 * @param {number} [exitCode]
 */
const failure = (sentence, exitCode = 1) => Object.assign(new Error(sentence), { sentence, exitCode });
