/** Copies a service's root directory alone into a clean place, and installs and builds it there. */
import { cpSync, existsSync, mkdirSync, symlinkSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { python, root } from "../setup/paths.mjs";
import { run } from "../setup/processes.mjs";
import { APP, planByRules, readRailpackPlan } from "./build-plan.mjs";
import { processEnv } from "./process-env.mjs";

/** @typedef {import("./build-plan.mjs").BuildPlan} BuildPlan */
/** @typedef {import("./config.mjs").ServiceConfig} ServiceConfig */

/**
 * @typedef {object} Built
 * @property {string} folder
 * @property {BuildPlan} plan with the folder's own path where Railpack says /app
 * @property {"Railpack" | "Railpack's rules"} planner
 * @property {readonly string[]} paths
 */

/**
 * What Railway gets of a folder from `railway up`: everything in the working tree that .gitignore does not name. A push
 * brings the same once it is committed.
 *
 * @param {string} folder relative to the repository
 * @param {string} target
 */
async function copyUploaded(folder, target) {
  const { code, output } = await run(
    "git",
    ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate", "--", folder],
    { cwd: root },
  );
  if (code !== 0) throw new Error(`git cannot list the files of ${folder}:\n${output}`);
  // A file that was deleted and not committed is still listed.
  for (const name of output.split("\0").filter((each) => each !== "" && existsSync(join(root, each)))) {
    const to = join(target, name.slice(folder.length + 1));
    mkdirSync(dirname(to), { recursive: true });
    cpSync(join(root, name), to);
  }
}

/**
 * Copies a service and asks how Railpack builds it.
 *
 * @param {ServiceConfig} service
 * @param {string} home a clean folder
 * @param {Record<string, string>} variables
 * @returns {Promise<Built>}
 */
export async function prepare(service, home, variables) {
  const folder = join(home, service.name, "app");
  mkdirSync(folder, { recursive: true });
  await copyUploaded(service.folder, folder);
  const railpack = await askRailpack(folder, variables);
  const plan = JSON.stringify(railpack ?? planByRules(folder, variables)).replaceAll(APP, folder);
  const placed = /** @type {BuildPlan} */ (JSON.parse(plan));
  return {
    folder,
    plan: placed,
    planner: railpack ? "Railpack" : "Railpack's rules",
    paths: placed.install.paths,
  };
}

/**
 * @param {string} folder
 * @param {Record<string, string>} variables
 * @returns {Promise<BuildPlan | undefined>} undefined where there is no Railpack: it is looked for as RAILPACK says, or on
 *   the PATH
 */
async function askRailpack(folder, variables) {
  const builder = Object.entries(variables).filter(([name]) => name.startsWith("RAILPACK_"));
  const env = builder.flatMap(([name, value]) => ["--env", `${name}=${value}`]);
  const { code, output } = await run(process.env.RAILPACK ?? "railpack", ["plan", folder, ...env]);
  if (code === null) return undefined;
  if (code !== 0) throw new Error(`Railpack cannot plan ${folder}:\n${output}`);
  return readRailpackPlan(output);
}

/**
 * Runs what the plan says, from nothing: the install commands with the variables of their step, then the build commands
 * with the service's own.
 *
 * @param {Built} built
 * @param {Record<string, string>} variables
 * @throws {Error} with the output of the command that failed
 */
export async function installAndBuild({ folder, plan, paths }, variables) {
  const base = { ...reachingRegistries(), PATH: [...paths, process.env.PATH].join(delimiter) };
  const { PIP_CACHE_DIR: _mounted, ...install } = plan.install.variables;
  for (const command of plan.install.commands) await execute(command, folder, { ...base, ...install });
  for (const command of plan.build.commands) {
    await execute(command, folder, { ...base, ...install, ...plan.build.variables, ...variables });
  }
}

/**
 * How this computer reaches the package registries, and what it has downloaded already, which stands in for Railpack's
 * caches. Behind a proxy with a certificate of its own npm would otherwise retry for minutes.
 *
 * @returns {Record<string, string | undefined>}
 */
function reachingRegistries() {
  const names =
    /^(home|(https?|all|no)_proxy|node_extra_ca_certs|ssl_cert_(file|dir)|pip_(cert|index_url|find_links|config_file))$/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => names.test(name)));
}

/**
 * The short form: what `npm test` has installed and built already stands in for a clean installation.
 *
 * @param {Built} built
 * @returns {Built}
 */
export function borrow(built) {
  const { folder, plan } = built;
  switch (plan.language) {
    case "python":
      return { ...built, paths: [dirname(python.executable)] };
    case "node":
      symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
      cpSync(join(root, "frontend", ".next"), join(folder, ".next"), {
        recursive: true,
        filter: (source) => !/[\\/]\.next[\\/](cache|dev)$/.test(source),
      });
      return built;
  }
}

/**
 * @param {string} command
 * @param {string} cwd
 * @param {Record<string, string | undefined>} env
 */
async function execute(command, cwd, env) {
  const { code, output } = await run("bash", ["-c", command], {
    cwd,
    env: processEnv(env),
  });
  if (code !== 0) throw new Error(`"${command}" failed in ${cwd}:\n${output}`);
}
