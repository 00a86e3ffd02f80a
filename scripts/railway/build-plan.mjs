/**
 * How Railpack builds and starts a service: its own plan where Railpack is at hand, else its rules, followed for what these
 * two services have. Source of the rules: https://github.com/railwayapp/railpack (core/providers/node, python, procfile).
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { startCommandOf } from "./config.mjs";

/**
 * @typedef {object} BuildPlan
 * @property {"node" | "python"} language
 * @property {string} version of the language, as it is asked for or as it was resolved: "24", "24.21.0"
 * @property {{ paths: string[], variables: Record<string, string>, commands: string[] }} install
 * @property {{ variables: Record<string, string>, commands: string[] }} build
 * @property {{ variables: Record<string, string>, command: string }} start
 */

/** Where the service's folder is while Railpack builds it, and when it runs. */
export const APP = "/app";

const NODE_VARIABLES = {
  CI: "true",
  NODE_ENV: "production",
  NPM_CONFIG_FETCH_RETRIES: "5",
  NPM_CONFIG_FUND: "false",
  NPM_CONFIG_PRODUCTION: "false",
  NPM_CONFIG_UPDATE_NOTIFIER: "false",
};

const PYTHON_VARIABLES = {
  PIP_DEFAULT_TIMEOUT: "100",
  PIP_DISABLE_PIP_VERSION_CHECK: "1",
  PYTHONDONTWRITEBYTECODE: "1",
  PYTHONFAULTHANDLER: "1",
  PYTHONHASHSEED: "random",
  PYTHONUNBUFFERED: "1",
};

/**
 * Follows Railpack's rules. A folder that needs a rule which is not here fails, instead of being built in some other way
 * than Railway would.
 *
 * @param {string} folder the service's root directory, copied alone
 * @param {Record<string, string>} variables the service's
 * @returns {BuildPlan}
 * @throws {Error} when the rules here do not cover the folder
 */
export function planByRules(folder, variables) {
  const has = (/** @type {string} */ name) => existsSync(join(folder, name));
  const read = (/** @type {string} */ name) => readFileSync(join(folder, name), "utf8");
  for (const name of ["Dockerfile", "railpack.json", "mise.toml", ".tool-versions"]) {
    if (has(name))
      throw new Error(`${name} changes how Railway builds, and the rehearsal does not know how.`);
  }
  const procfile = has("Procfile") ? startCommandOf(read("Procfile")) : undefined;
  const command = variables.RAILPACK_START_CMD ?? procfile;
  if (!command) throw new Error("Neither a Procfile nor RAILPACK_START_CMD says how to start.");

  // Python comes before Node in Railpack's list of languages: a package.json beside requirements.txt is not looked at.
  if (has("requirements.txt")) {
    const venv = `${APP}/.venv`;
    return {
      language: "python",
      version:
        variables.RAILPACK_PYTHON_VERSION ??
        (has(".python-version") ? read(".python-version").trim() : "3.13"),
      install: {
        paths: [`${venv}/bin`],
        variables: { ...PYTHON_VARIABLES, PIP_CACHE_DIR: "/opt/pip-cache", VIRTUAL_ENV: venv },
        commands: [`python -m venv ${venv}`, "pip install -r requirements.txt"],
      },
      build: { variables: {}, commands: [] },
      start: { variables: PYTHON_VARIABLES, command },
    };
  }
  if (!has("package.json")) throw new Error("Railpack finds no language here that the rehearsal knows.");
  for (const name of ["pnpm-lock.yaml", "yarn.lock", "bun.lock", "bun.lockb"]) {
    if (has(name)) throw new Error(`${name} makes Railpack choose another package manager than npm.`);
  }
  const { scripts = {}, engines = {} } = JSON.parse(read("package.json"));
  const idiomatic = has(".node-version") ? read(".node-version").trim() : undefined;
  return {
    language: "node",
    version: idiomatic ?? variables.RAILPACK_NODE_VERSION ?? engines.node ?? "lts",
    install: {
      paths: [`${APP}/node_modules/.bin`],
      variables: NODE_VARIABLES,
      commands: [`mkdir -p ${APP}/node_modules/.cache`, variables.RAILPACK_NODE_NPM_INSTALL ?? "npm install"],
    },
    build: {
      variables: { NEXT_TELEMETRY_DISABLED: "1" },
      commands: scripts.build ? ["npm run build"] : [],
    },
    start: { variables: NODE_VARIABLES, command },
  };
}

/**
 * Reads what `railpack plan` prints.
 *
 * @param {string} json
 * @returns {BuildPlan}
 * @throws {Error} when it plans something that the rehearsal does not carry out
 */
export function readRailpackPlan(json) {
  const { steps, deploy } = JSON.parse(json);
  const step = (/** @type {string} */ name) => steps.find((/** @type {any} */ each) => each.name === name);
  const known = ["packages:mise", "install", "build", "packages:apt:runtime"];
  const unknown = steps
    .map((/** @type {any} */ each) => each.name)
    .filter((/** @type {string} */ name) => !known.includes(name));
  if (unknown.length > 0)
    throw new Error(`Railpack plans steps that the rehearsal does not know: ${unknown}.`);
  const [, language, version] =
    /\[tools\]\s+(node|python) = "([^"]+)"/.exec(step("packages:mise").assets["generated-mise-toml"]) ?? [];
  if ((language !== "node" && language !== "python") || !version) {
    throw new Error("Railpack's plan installs neither Node nor Python.");
  }
  const { RAILPACK_VERSION: _itself, ...variables } = deploy.variables;
  return {
    language,
    version,
    install: {
      paths: pick(step("install"), "path"),
      variables: step("install").variables,
      commands: pick(step("install"), "cmd"),
    },
    build: { variables: step("build").variables ?? {}, commands: pick(step("build"), "cmd") },
    start: { variables, command: deploy.startCommand },
  };
}

/**
 * @param {{ commands?: Record<string, string>[] }} step
 * @param {"cmd" | "path"} field
 * @returns {string[]}
 */
const pick = ({ commands = [] }, field) => commands.flatMap((command) => command[field] ?? []);
