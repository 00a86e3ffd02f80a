/** One running instance of a service: its container, as far as this computer can play one. */
import { request } from "node:http";
import { networkInterfaces } from "node:os";
import { delimiter } from "node:path";
import { type Service, startService, untilReady } from "../../tools/services.ts";
import { EVERYWHERE, findPort, LOOPBACK } from "../../tools/start/ports.ts";

export interface Instance extends Service {
  /** Where the edge reaches it. */
  readonly origin: string;
}

/**
 * The address from which Railway's proxy comes in is not this computer's own loopback: a service that listens on 127.0.0.1
 * only must fail here as it fails there, with a 502. A computer without a network has no other address.
 */
const CONTAINER =
  Object.values(networkInterfaces())
    .flat()
    .find((each) => each && !each.internal && each.family === "IPv4")?.address ?? LOOPBACK;

/** Whom Railway's health check says it asks. */
const HEALTH_CHECK_HOST = "healthcheck.railway.app";

export interface InstanceOptions {
  readonly name: string;
  readonly folder: string;
  readonly command: string;
  /** Searched for programs, before those of this computer. */
  readonly programs: string;
  /** All that it gets. PORT is added: two instances share this computer. */
  readonly variables: Readonly<Record<string, string>>;
  readonly healthcheckPath: string;
  readonly healthcheckTimeoutMs: number;
}

/**
 * Starts a service and waits for its health check, as Railway does before it sends traffic to a new instance.
 *
 * @throws {Error} with its output, when the health check is not answered with 200 in time
 */
export async function startInstance(options: InstanceOptions): Promise<Instance> {
  const { name, folder, command, programs, variables, healthcheckPath, healthcheckTimeoutMs } = options;
  const port = await findPort(0, EVERYWHERE);
  const env = {
    HOME: folder,
    PATH: [programs, process.env.PATH].join(delimiter),
    ...variables,
    PORT: String(port),
  };
  const service = startService({
    name,
    command: "sh",
    args: ["-c", command],
    cwd: folder,
    env: env as Record<string, string> as NodeJS.ProcessEnv,
    shows: "nothing",
  });
  let status: number | undefined;
  const isHealthy = async () => {
    status = await ask(port, healthcheckPath);
    return status === 200;
  };
  try {
    await untilReady(service, isHealthy, healthcheckTimeoutMs);
  } catch (error) {
    await service.stop("SIGKILL");
    const answer = status === undefined ? "nothing" : `status ${status}`;
    const said = error instanceof Error ? error.message : String(error);
    throw new Error(`${name} answered its health check ${healthcheckPath} with ${answer}. ${said}`);
  }
  return { ...service, origin: `http://${CONTAINER}:${port}` };
}

/** @returns the status; undefined when nothing answers */
function ask(port: number, path: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const asked = request({
      host: CONTAINER,
      port,
      path,
      headers: { host: HEALTH_CHECK_HOST },
      timeout: 5_000,
    });
    asked.once("response", (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.once("timeout", () => asked.destroy());
    asked.once("error", () => resolve(undefined));
    asked.end();
  });
}
