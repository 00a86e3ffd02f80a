/**
 * `node tools/node.mjs <file.ts | program> [arguments]`: runs a script of this project, or a program of its packages, under
 * a Node that is new enough. Where the one that runs this is, nothing is fetched and a script runs in this very process;
 * else fetch-node.mjs brings one. This file is JavaScript that Node 14 can parse, and imports nothing but Node's own.
 */
import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The first to run TypeScript as it stands; package.json's "engines" says the same. */
const OLDEST_NODE = "22.18.0";

/** How often to look whether the npm that started this is still there. */
const PARENT_LOOK_MS = 500;

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Runs a program and waits for it. It stays in this process group, so that Ctrl-C in a terminal reaches it; signals that were
 * sent to this process alone are handed on, and so is the end of the npm that started this: its shell dies of a signal
 * without a word.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import("node:child_process").SpawnOptions} options
 * @returns {Promise<{ code: number, output: string }>} `code`: its exit code, 128 + n when signal n ended it; `output`: what
 *   it wrote to those of its outputs that are pipes
 */
function runToEnd(command, args, options) {
  const child = spawn(command, args, options);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) stream.setEncoding("utf8").on("data", (text) => (output += text));
  }
  /** @type {NodeJS.Signals[]} */
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  const handOn = (/** @type {NodeJS.Signals} */ signal) => {
    // The terminal has sent it to the whole group already, and a second one makes test runners leave in disorder.
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of signals) process.on(signal, handOn);
  const parent = process.ppid;
  const look = setInterval(() => {
    if (process.env.npm_lifecycle_event && process.ppid !== parent) child.kill("SIGTERM");
  }, PARENT_LOOK_MS);
  return new Promise((done, fail) => {
    child.once("error", fail);
    child.once("close", (code, signal) => {
      clearInterval(look);
      for (const each of signals) process.off(each, handOn);
      done({ code: code === null ? 128 + constants.signals[signal || "SIGKILL"] : code, output });
    });
  });
}

function isNewEnough() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE.split(".").map(Number);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

/**
 * The environment in which programs find this project's, and under the name "node" the one that is given. Where they would find
 * it anyway the order of the PATH stays: an activated Python environment is to come before the system's folder.
 *
 * @param {string} node path of it
 */
function environmentFor(node) {
  // Windows spells it "Path".
  const name = Object.keys(process.env).find((each) => each.toUpperCase() === "PATH") || "PATH";
  const path = process.env[name] || "";
  const file = process.platform === "win32" ? "node.exe" : "node";
  const first = path.split(delimiter).find((folder) => existsSync(join(folder, file)));
  const isFirst = first !== undefined && realpathSync(join(first, file)) === realpathSync(node);
  const folders = [join(root, "node_modules", ".bin"), ...(isFirst ? [] : [dirname(node)]), path];
  return Object.assign({}, process.env, { [name]: folders.join(delimiter) });
}

async function main() {
  const [command = "", ...args] = process.argv.slice(2);
  const isScript = command.endsWith(".ts");
  let node = process.execPath;
  if (!isNewEnough()) {
    const { fetchNode } = await import("./fetch-node.mjs");
    node = await fetchNode(OLDEST_NODE, runToEnd);
  }
  const env = environmentFor(node);
  if (isScript && node === process.execPath) {
    Object.assign(process.env, env);
    process.argv.splice(1, 2, resolve(command));
    await import(pathToFileURL(resolve(command)).href);
    return;
  }
  const isWindows = process.platform === "win32";
  const { code } = isScript
    ? // This file once more, under the other Node. The channel tells the script when this process is gone, however it went.
      await runToEnd(node, [fileURLToPath(import.meta.url), command, ...args], {
        stdio: ["inherit", "inherit", "inherit", "ipc"],
        env,
      })
    : // Windows has a .cmd in front of each program, which only a shell starts.
      await runToEnd(command, args, { stdio: "inherit", env, shell: isWindows });
  process.exitCode = code;
}

main().catch((error) => {
  const isNoProgram = error.code === "ENOENT" && /^spawn/.test(error.syscall);
  const [, noPackage] = /^Cannot find package '([^']+)'/.exec(error.message) || [];
  if (isNoProgram || noPackage) {
    const missing = noPackage || error.path;
    console.error(
      `${missing} is not installed here: run "npm test" once, which sets up all that the commands need.`,
    );
  } else console.error(error.sentence || error);
  process.exitCode = error.exitCode || 1;
});
