/** The stage of a rehearsal: two built services, an edge before them, and the instances that run now. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { EVERYWHERE, findPort } from "../start/ports.mjs";
import { resolveVariables } from "./config.mjs";
import { DOMAIN } from "./edge.mjs";
import { startInstance } from "./instance.mjs";

/** @typedef {import("./build.mjs").Built} Built */
/** @typedef {import("./config.mjs").ServiceConfig} ServiceConfig */
/** @typedef {import("./edge.mjs").Edge} Edge */
/** @typedef {import("./instance.mjs").Instance} Instance */
/** @typedef {import("./verdict.mjs").RecordedEvent} RecordedEvent */
/** @typedef {"video" | "audio"} StreamKind */

/** The public domains, as Railway would generate them or a person would choose them. */
export const HOST = {
  frontend: `twincast.${DOMAIN}`,
  backend: `twincast-backend.${DOMAIN}`,
  renamed: `twincast-media.${DOMAIN}`,
  /** Serves the same page, and is on nobody's allow-list. */
  foreign: `somebody-else.${DOMAIN}`,
};

export class Stage {
  /** @type {Instance[]} */
  #instances = [];
  /** @type {string[]} */
  #recordings = [];
  #home;
  #backendHost = HOST.backend;

  /**
   * @param {string} home a folder that is thrown away
   * @param {Edge} edge
   * @param {{ backend: ServiceConfig, frontend: ServiceConfig }} config
   * @param {{ backend: Built, frontend: Built }} built
   */
  constructor(home, edge, config, built) {
    this.#home = home;
    this.edge = edge;
    this.config = config;
    this.built = built;
  }

  /** @param {string} host the backend's public domain from now on, for instances that start from now on */
  renameBackend(host) {
    this.#backendHost = host;
  }

  /**
   * @param {"backend" | "frontend"} name
   * @returns {Record<string, string>} what the service's own variables say now, with the references filled in
   */
  variablesOf(name) {
    return resolveVariables(this.config[name].variables, {
      backend: { RAILWAY_PUBLIC_DOMAIN: this.#backendHost },
      frontend: { RAILWAY_PUBLIC_DOMAIN: HOST.frontend },
    });
  }

  /**
   * Starts a new instance and waits for its health check. It gets what Railway gives and what .railway/railway.ts sets. The
   * port is another one, because two instances share this computer; and the backend records what it takes, to be judged.
   *
   * @param {"backend" | "frontend"} name
   * @returns {Promise<Instance>}
   */
  async start(name) {
    const { deploy } = this.config[name];
    const { folder, plan, paths } = this.built[name];
    const recording = join(this.#home, `recording-${this.#recordings.length}`);
    const instance = await startInstance({
      name: `The ${name}`,
      folder,
      command: plan.start.command,
      paths,
      variables: {
        ...plan.start.variables,
        ...this.variablesOf(name),
        RAILWAY_ENVIRONMENT_NAME: "production",
        RAILWAY_SERVICE_NAME: name,
        RAILWAY_PUBLIC_DOMAIN: name === "backend" ? this.#backendHost : HOST.frontend,
        PORT: String(await findPort(0, EVERYWHERE)),
        ...(name === "backend" ? { SINKS: "console,file", FILE_SINK_FOLDER: recording } : {}),
      },
      healthcheck: { path: deploy.healthcheckPath, timeoutSeconds: deploy.healthcheckTimeout },
    });
    this.#instances.push(instance);
    if (name === "backend") this.#recordings.push(recording);
    return instance;
  }

  /** @returns {string[]} the sessions that any instance of the backend has seen */
  sessions() {
    return [
      ...new Set(this.#recordings.flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : []))),
    ];
  }

  /**
   * @param {string} session
   * @param {StreamKind} kind
   * @returns {RecordedEvent[][]} what each instance of the backend recorded of the stream, oldest instance first
   */
  recorded(session, kind) {
    return this.#recordings.map((folder) => readEvents(join(folder, session, kind, "events.jsonl")));
  }

  /**
   * Asks over HTTPS, as a person with curl would.
   *
   * @param {string} host
   * @param {string} path
   * @param {Record<string, string>} [headers]
   * @returns {Promise<{ status: number, headers: import("node:http").IncomingHttpHeaders, body: string }>}
   */
  ask(host, path, headers = {}) {
    const { port, ca } = this.edge;
    const asked = request({
      host: "127.0.0.1",
      port,
      path,
      ca,
      servername: host,
      headers: { host, ...headers },
      agent: false,
    });
    return new Promise((resolve, reject) => {
      asked.once("error", reject);
      asked.once("response", (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (text) => {
          body += text;
        });
        response.once("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        );
      });
      asked.end();
    });
  }

  /** Ends everything that runs. */
  async close() {
    await Promise.all(this.#instances.map((instance) => instance.stop(1)));
    await this.edge.close();
  }
}

/**
 * @param {string} file
 * @returns {RecordedEvent[]}
 */
function readEvents(file) {
  if (!existsSync(file)) return [];
  // The line that is being written has no end yet.
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}
