import { readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { root } from "../paths.ts";
import { type Finished, run } from "../processes.ts";
import { SetupFailure } from "./failure.ts";
import { keepLog, looksOffline, reasonOf } from "./logs.ts";
import { step } from "./progress.ts";

/**
 * The part of package-lock.json that counts here. npm keeps the same list of what it installed in
 * node_modules/.package-lock.json.
 */
export interface Lock {
  readonly packages: Readonly<
    Record<
      string,
      {
        readonly version?: string;
        readonly integrity?: string;
        readonly optional?: boolean;
        /** For which systems it is, or, after a "!", for which it is not. */
        readonly os?: string | readonly string[];
        readonly cpu?: string | readonly string[];
        readonly libc?: string | readonly string[];
      }
    >
  >;
}

/** What packages are made for. */
export interface Machine {
  readonly os: string;
  readonly cpu: string;
  /** The C library, on Linux. */
  readonly libc?: string | undefined;
}

function thisMachine(): Machine {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  const libc = process.platform === "linux" ? (header.glibcVersionRuntime ? "glibc" : "musl") : undefined;
  return { os: process.platform, cpu: process.arch, libc };
}

/** @returns whether a package is made for this very machine, so that its absence is a fault and no choice */
function isMadeFor({ os, cpu, libc }: Lock["packages"][string], machine: Machine): boolean {
  if (os === undefined && cpu === undefined) return false;
  const fits = (wanted: string | readonly string[] | undefined, own: string | undefined) => {
    const all = [wanted ?? []].flat();
    if (all.length === 0 || own === undefined) return true;
    return all.every((one) => one.startsWith("!")) ? !all.includes(`!${own}`) : all.includes(own);
  };
  return fits(os, machine.os) && fits(cpu, machine.cpu) && fits(libc, machine.libc);
}

/**
 * @param wanted what package-lock.json asks for
 * @param installed what npm installed; undefined when it never ended an installation
 * @returns whether all of it is there. An optional package may be absent where it is for another machine
 */
export function isInstalled(
  wanted: Lock,
  installed: Lock | undefined,
  machine: Machine = thisMachine(),
): boolean {
  if (!installed) return false;
  return Object.entries(wanted.packages).every(([path, entry]) => {
    if (path === "") return true;
    const found = installed.packages[path];
    if (!found) return entry.optional === true && !isMadeFor(entry, machine);
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

function readLock(file: string): Lock | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** @returns how to run npm: the one that runs us, else the one on the PATH */
export function npm(args: readonly string[]): [command: string, args: string[]] {
  const cli = process.env.npm_execpath;
  if (cli?.endsWith(".js")) return [process.env.npm_node_execpath ?? process.execPath, [cli, ...args]];
  return [process.platform === "win32" ? "npm.cmd" : "npm", [...args]];
}

/** @returns the environment without this project's own programs, which are about to be replaced */
function environmentOutside(): NodeJS.ProcessEnv {
  const own = join(root, "node_modules");
  const path = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.startsWith(own));
  return { ...process.env, PATH: path.join(delimiter) };
}

const INSTALL_OPTIONS = [
  // Development packages include Next.js' types and the tests; NODE_ENV=production would leave them out.
  "--include=dev",
  "--include=optional",
  "--no-audit",
  "--no-fund",
];

function runNpm(...args: readonly string[]): Promise<Finished> {
  // npm hands its own options on to the npm within; what goes wrong must be told even under `npm --silent start`.
  const [command, all] = npm([...args, "--loglevel=error"]);
  return run(command, all, { cwd: root, env: environmentOutside() });
}

/**
 * Without a network npm tries each package for more than a minute before it gives up, so this asks first.
 *
 * @returns whether the registry is out of reach
 */
async function isOffline(): Promise<boolean> {
  const quickly = ["--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=2000"];
  const { code, output } = await runNpm("ping", ...quickly);
  return code !== 0 && looksOffline(output);
}

/**
 * Installs the packages that package-lock.json names, unless they are there.
 *
 * @throws {SetupFailure} "offline" or "install-failed"
 */
export async function ensurePackages(): Promise<void> {
  const wanted = readLock(join(root, "package-lock.json"));
  if (!wanted) {
    throw new SetupFailure(
      "install-failed",
      'package-lock.json is missing or damaged: restore it with "git checkout package-lock.json".',
    );
  }
  if (isInstalled(wanted, readLock(join(root, "node_modules", ".package-lock.json")))) return;
  await step("Installing the packages (the first time: about a minute)", async () => {
    // All of it may be in npm's cache.
    const offline = await isOffline();
    const { code, output } = await runNpm("ci", ...INSTALL_OPTIONS, ...(offline ? ["--offline"] : []));
    if (code === 0) return;
    const log = keepLog("npm-ci", output);
    throw offline || looksOffline(output)
      ? new SetupFailure(
          "offline",
          `The package registry cannot be reached: connect to the internet (or set up npm's proxy) and run the command again; what npm said is in ${log}.`,
        )
      : new SetupFailure("install-failed", `The packages could not be installed: ${reasonOf(output, log)}.`);
  });
}
