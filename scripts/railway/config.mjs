/** `.railway/railway.ts` as plain data, and the older files that say the same in other words. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createRailwayContext, project } from "railway/iac";
import definition, { describeProject } from "../../.railway/railway.ts";
import { root } from "../setup/paths.mjs";

/**
 * A service as `.railway/railway.ts` describes it.
 *
 * @typedef {object} ServiceConfig
 * @property {"backend" | "frontend"} name
 * @property {string} folder its root directory, relative to the repository
 * @property {{ builder?: string, watchPatterns?: string[], buildCommand?: string }} build
 * @property {{ startCommand: string, healthcheckPath: string, healthcheckTimeout: number, numReplicas: number,
 *   overlapSeconds: number, drainingSeconds: number }} deploy
 * @property {Record<string, string>} variables as they are written, references unresolved
 */

/** What Railway's own command does with the file: https://docs.railway.com/infrastructure-as-code */
export async function readRailwayConfig() {
  const { resources } = await definition(createRailwayContext({}), project);
  return {
    backend: serviceOf(resources, "backend"),
    frontend: serviceOf(resources, "frontend"),
    /** Names of everything that it declares. */
    names: flatten(resources).map(({ name }) => name),
  };
}

/** @param {string} repository */
export const readGithubConfig = (repository) => flatten(describeProject(repository).resources);

/**
 * @param {unknown} resources
 * @returns {any[]} the SDK's nodes; a group is an array
 */
const flatten = (resources) => [resources].flat(Number.POSITIVE_INFINITY);

/**
 * @param {unknown} resources
 * @param {"backend" | "frontend"} name
 * @returns {ServiceConfig}
 */
function serviceOf(resources, name) {
  const node = flatten(resources).find((resource) => resource.type === "service" && resource.name === name);
  if (!node) throw new Error(`.railway/railway.ts describes no service "${name}".`);
  /** @type {Record<string, string>} */
  const variables = {};
  for (const [key, variable] of Object.entries(node.variables)) {
    if (variable.type === "literal") variables[key] = variable.value;
  }
  const folder = node.source.rootDirectory.replace(/^\//, "");
  return { name, folder, build: node.build, deploy: node.deploy, variables };
}

/**
 * @param {string} folder relative to the repository; "" for the file that all services inherit
 * @returns {any} its railway.json
 */
export const readLegacyConfig = (folder) =>
  JSON.parse(readFileSync(join(root, folder, "railway.json"), "utf8"));

/**
 * The start command in a Procfile, chosen as Railpack chooses it: `web` before `worker` before any other.
 *
 * @param {string} text
 * @returns {string | undefined} undefined when it names none
 */
export function startCommandOf(text) {
  const commands = new Map(
    text
      .split("\n")
      .map((line) => /^([\w-]+):\s+(.+?)\s*$/.exec(line))
      .flatMap((found) => (found?.[1] && found[2] ? [/** @type {const} */ ([found[1], found[2]])] : [])),
  );
  return commands.get("web") ?? commands.get("worker") ?? [...commands.values()][0];
}

/**
 * Fills in `${{service.VARIABLE}}`, as Railway does when it starts an instance.
 *
 * @param {Record<string, string>} variables
 * @param {Record<string, Record<string, string>>} provided per service, what Railway adds: RAILWAY_PUBLIC_DOMAIN and others
 * @returns {Record<string, string>}
 * @throws {Error} when a reference leads nowhere
 */
export function resolveVariables(variables, provided) {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [
      name,
      value.replace(/\$\{\{\s*([\w-]+)\.(\w+)\s*\}\}/g, (reference, service, variable) => {
        const found = provided[service]?.[variable];
        if (found === undefined) throw new Error(`${name} refers to ${reference}, which does not exist.`);
        return found;
      }),
    ]),
  );
}
