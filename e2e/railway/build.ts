/** What Railway makes of a service's root directory: uploaded alone, installed and built there. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { frontend, python, root } from "../../tools/paths.ts";
import { run } from "../../tools/processes.ts";
import { type ServiceConfig, startCommandOf } from "./config.ts";

/** `nothing`: installed and built as Railway would; `this-repository`: what is installed and built here stands in. */
export type BuildSource = "nothing" | "this-repository";

/** What a project of Playwright's configuration says of the build. */
export interface RailwayMetadata {
  readonly buildFrom: BuildSource;
}

export interface Built {
  readonly folder: string;
  /** Searched for programs, before those of this computer. */
  readonly programs: string;
  readonly startCommand: string;
}

/**
 * What Railway gets of a folder: everything that .gitignore does not name, committed or not. git need not know the
 * repository for that, so a downloaded archive will do.
 *
 * @param folder relative to the repository
 * @returns files, relative to the folder
 */
export async function listUploaded(folder: string): Promise<string[]> {
  const empty = mkdtempSync(path.join(tmpdir(), "twincast-git-"));
  const git = async (...args: readonly string[]) => {
    const { code, output } = await run("git", args, { cwd: root });
    if (code !== 0) throw new Error(`git cannot list the files of ${folder}:\n${output}`);
    return output;
  };
  try {
    await git("init", "--quiet", empty);
    const where = [`--git-dir=${path.join(empty, ".git")}`, `--work-tree=${root}`];
    const listed = await git(...where, "ls-files", "-z", "--others", "--exclude-standard", "--", folder);
    return listed
      .split("\0")
      .filter(Boolean)
      .map((name) => path.relative(folder, name));
  } finally {
    rmSync(empty, { recursive: true });
  }
}

/**
 * Copies a service's folder alone into a clean place, and installs and builds it there with the commands that Railpack
 * takes from what it finds (https://github.com/railwayapp/railpack, core/providers/node and python).
 *
 * @param home a clean folder
 * @throws {Error} with the output of the command that failed
 */
export async function buildService(
  service: ServiceConfig,
  home: string,
  source: BuildSource,
): Promise<Built> {
  const folder = path.join(home, service.name);
  for (const name of await listUploaded(service.folder)) {
    const target = path.join(folder, name);
    mkdirSync(path.dirname(target), { recursive: true });
    cpSync(path.join(root, service.folder, name), target);
  }
  const startCommand = startCommandOf(readFileSync(path.join(folder, "Procfile"), "utf8"));
  if (!startCommand) throw new Error(`The Procfile of ${service.name} names no command.`);
  const programs = await (source === "nothing" ? install(service, folder) : borrow(service, folder));
  return { folder, programs, startCommand };
}

/** @returns the folder of the programs */
async function install({ name, variables }: ServiceConfig, folder: string): Promise<string> {
  const env = reachingRegistries();
  switch (name) {
    case "backend":
    case "consumer":
      await execute([python.executable, "-m", "venv", ".venv"], folder, env);
      await execute([".venv/bin/pip", "install", "-r", "requirements.txt"], folder, env);
      return path.join(folder, ".venv", "bin");
    case "frontend": {
      const node = {
        ...env,
        ...variables,
        CI: "true",
        NODE_ENV: "production",
        NPM_CONFIG_PRODUCTION: "false",
      };
      await execute(["sh", "-c", variables.RAILPACK_NODE_NPM_INSTALL ?? "npm install"], folder, node);
      await execute(["npm", "run", "build"], folder, { ...node, NEXT_TELEMETRY_DISABLED: "1" });
      return path.join(folder, "node_modules", ".bin");
    }
  }
}

/** @returns the folder of the programs */
async function borrow({ name }: ServiceConfig, folder: string): Promise<string> {
  switch (name) {
    case "backend":
    case "consumer":
      return path.dirname(python.executable);
    case "frontend":
      symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"), "junction");
      cpSync(path.join(frontend, ".next"), path.join(folder, ".next"), {
        recursive: true,
        filter: (file) => !/[\\/]\.next[\\/](cache|dev)$/.test(file),
      });
      return path.join(root, "node_modules", ".bin");
  }
}

/**
 * How this computer reaches the package registries, and what it has downloaded already. Behind a proxy with a certificate
 * of its own npm would otherwise retry for minutes.
 */
function reachingRegistries(): Record<string, string | undefined> {
  const names =
    /^(home|path|(https?|all|no)_proxy|node_extra_ca_certs|ssl_cert_(file|dir)|pip_(cert|index_url|find_links|config_file))$/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => names.test(name)));
}

async function execute(
  [command = "", ...args]: readonly string[],
  cwd: string,
  env: Record<string, string | undefined>,
): Promise<void> {
  const { code, output } = await run(command, args, { cwd, env: env as NodeJS.ProcessEnv });
  if (code !== 0) throw new Error(`"${[command, ...args].join(" ")}" failed in ${cwd}:\n${output}`);
}
