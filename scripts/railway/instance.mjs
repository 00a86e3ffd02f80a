/** One running instance of a service: its container, as far as this computer can play one. */
import { once } from "node:events";
import { request } from "node:http";
import { networkInterfaces } from "node:os";
import { delimiter } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { endGroup, spawnGroup } from "../setup/processes.mjs";
import { processEnv } from "./process-env.mjs";

/** @typedef {{ how: "by itself" | "by SIGKILL", afterMs: number }} End */

/**
 * @typedef {object} Instance
 * @property {string} origin where the edge reaches it
 * @property {() => string} output what it printed so far, to both outputs
 * @property {() => string} errors what it printed to its error output, which Railway shows as errors
 * @property {(drainingSeconds: number) => Promise<End>} stop SIGTERM, and SIGKILL when the draining time is over
 */

/**
 * The address from which Railway's proxy comes in is not this computer's own loopback: a service that listens on 127.0.0.1
 * only must fail here as it fails there, with a 502. A computer without a network has no other address.
 */
const CONTAINER =
  Object.values(networkInterfaces())
    .flat()
    .find((each) => each && !each.internal && each.family === "IPv4")?.address ?? "127.0.0.1";

/** Whom Railway's health check says it asks. */
const HEALTH_CHECK_HOST = "healthcheck.railway.app";

const LOOK_MS = 50;

/**
 * Starts a service and waits for its health check, as Railway does before it sends traffic to a new instance.
 *
 * @param {object} options
 * @param {string} options.name
 * @param {string} options.folder
 * @param {string} options.command run by bash, which is the entry point of Railpack's image
 * @param {readonly string[]} options.paths searched for programs, before those of this computer
 * @param {Record<string, string>} options.variables all that it gets; PORT is among them
 * @param {{ path: string, timeoutSeconds: number }} options.healthcheck
 * @returns {Promise<Instance>}
 * @throws {Error} when the health check is not answered with 200 in time
 */
export async function startInstance({ name, folder, command, paths, variables, healthcheck }) {
  const port = Number(variables.PORT);
  const child = spawnGroup("bash", ["-c", command], {
    cwd: folder,
    env: processEnv({ HOME: folder, PATH: [...paths, process.env.PATH].join(delimiter), ...variables }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let errors = "";
  child.stdout?.setEncoding("utf8").on("data", (text) => {
    output += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text) => {
    output += text;
    errors += text;
  });
  const exited = once(child, "exit");
  const isOver = () => child.exitCode !== null || child.signalCode !== null;

  const deadline = performance.now() + healthcheck.timeoutSeconds * 1_000;
  for (;;) {
    if (isOver()) throw new Error(`${name} ended before its health check was answered:\n${output}`);
    const status = await ask(port, healthcheck.path);
    if (status === 200) break;
    if (performance.now() > deadline) {
      await endGroup(child);
      throw new Error(
        `${name} answered its health check ${healthcheck.path} with ${status ?? "nothing"}:\n${output}`,
      );
    }
    await wait(LOOK_MS);
  }
  return {
    origin: `http://${CONTAINER}:${port}`,
    output: () => output,
    errors: () => errors,
    stop: async (drainingSeconds) => {
      const startedAt = performance.now();
      /** @type {End["how"]} */
      let how = "by itself";
      if (!isOver()) {
        child.kill("SIGTERM");
        const timer = setTimeout(() => {
          how = "by SIGKILL";
          child.kill("SIGKILL");
        }, drainingSeconds * 1_000);
        await exited;
        clearTimeout(timer);
      }
      const afterMs = performance.now() - startedAt;
      await endGroup(child);
      return { how, afterMs };
    },
  };
}

/**
 * @param {number} port
 * @param {string} path
 * @returns {Promise<number | undefined>} the status; undefined when nothing answers
 */
function ask(port, path) {
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
