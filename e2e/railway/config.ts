/** `.railway/railway.ts` as plain data, and the older files that say the same in other words. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createRailwayContext, project } from "railway/iac";
import definition, { describeProject } from "../../.railway/railway.ts";
import { root } from "../../tools/paths.ts";

/** Those that have a domain. */
export type WebService = "backend" | "frontend";
export type ServiceName = WebService | "consumer";

/** A service as `.railway/railway.ts` describes it. */
export interface ServiceConfig {
  readonly name: ServiceName;
  /** Its root directory, relative to the repository. */
  readonly folder: string;
  readonly build: { readonly builder?: string; readonly watchPatterns?: string[] };
  readonly deploy: {
    readonly startCommand: string;
    /** Absent of a service that nobody connects to; `healthcheckTimeout`, in seconds, as well. */
    readonly healthcheckPath?: string;
    readonly healthcheckTimeout?: number;
    readonly numReplicas: number;
    readonly overlapSeconds: number;
    readonly drainingSeconds: number;
  };
  /** As they are written, references unresolved. */
  readonly variables: Readonly<Record<string, string>>;
}

/** As far as it counts here, a node of the SDK's. */
interface Resource {
  readonly type: string;
  readonly name: string;
  readonly source: {
    readonly type?: string;
    readonly repo?: string;
    readonly branch?: string;
    readonly rootDirectory: string;
  };
  readonly build: ServiceConfig["build"];
  readonly deploy: ServiceConfig["deploy"];
  readonly variables: Readonly<Record<string, { readonly type: string; readonly value: string }>>;
}

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

/** As it is with several backends. */
export function readFleetConfig(backends: number) {
  const { resources } = describeProject("", backends);
  return {
    backend: serviceOf(resources, "backend"),
    frontend: serviceOf(resources, "frontend"),
    consumer: serviceOf(resources, "consumer"),
    names: flatten(resources).map(({ name }) => name),
  };
}

export const readGithubConfig = (repository: string, backends = 1) =>
  flatten(describeProject(repository, backends).resources);

/** @returns the SDK's nodes; a group is an array */
const flatten = (resources: unknown) => [resources].flat(Number.POSITIVE_INFINITY) as Resource[];

function serviceOf(resources: unknown, name: ServiceName): ServiceConfig {
  const node = flatten(resources).find((resource) => resource.type === "service" && resource.name === name);
  if (!node) throw new Error(`.railway/railway.ts describes no service "${name}".`);
  const variables: Record<string, string> = {};
  for (const [key, variable] of Object.entries(node.variables)) {
    if (variable.type === "literal") variables[key] = variable.value;
  }
  const folder = node.source.rootDirectory.replace(/^\//, "");
  return { name, folder, build: node.build, deploy: node.deploy, variables };
}

/**
 * @param folder relative to the repository; "" for the file that all services inherit
 * @returns its railway.json
 */
export const readLegacyConfig = (folder: string): unknown =>
  JSON.parse(readFileSync(join(root, folder, "railway.json"), "utf8"));

/**
 * The start command in a Procfile, chosen as Railpack chooses it: `web` before `worker` before any other.
 *
 * @param text of the Procfile
 * @returns undefined when it names none
 */
export function startCommandOf(text: string): string | undefined {
  const commands = new Map(
    text
      .split("\n")
      .map((line) => /^([\w-]+):\s+(.+?)\s*$/.exec(line))
      .flatMap((found) => (found?.[1] && found[2] ? [[found[1], found[2]] as const] : [])),
  );
  return commands.get("web") ?? commands.get("worker") ?? [...commands.values()][0];
}

/**
 * Fills in `${{service.VARIABLE}}`, as Railway does when it starts an instance.
 *
 * @param provided per service, what Railway adds: RAILWAY_PUBLIC_DOMAIN and others
 * @throws {Error} when a reference leads nowhere
 */
export function resolveVariables(
  variables: Readonly<Record<string, string>>,
  provided: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [
      name,
      value.replace(/\$\{\{\s*([\w-]+)\.(\w+)\s*\}\}/g, (reference, service: string, variable: string) => {
        const found = provided[service]?.[variable];
        if (found === undefined) throw new Error(`${name} refers to ${reference}, which does not exist.`);
        return found;
      }),
    ]),
  );
}
