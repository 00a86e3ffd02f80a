/** A Railway project on this computer: both services built, an edge before them, and the instances that run now. */
import type { IncomingHttpHeaders } from "node:http";
import { request } from "node:https";
import path from "node:path";
import { Recording } from "../support/recording.ts";
import type { Built } from "./build.ts";
import { readRailwayConfig, resolveVariables, type ServiceName } from "./config.ts";
import { DOMAIN, type Edge, startEdge } from "./edge.ts";
import { type Instance, startInstance } from "./instance.ts";

/** The public domains, as Railway would generate them or a person would choose them. */
export const HOST = {
  frontend: `twincast.${DOMAIN}`,
  backend: `twincast-backend.${DOMAIN}`,
  renamed: `twincast-media.${DOMAIN}`,
  /** Serves the same page, and is on nobody's allow-list. */
  foreign: `somebody-else.${DOMAIN}`,
};

export type RailwayConfig = Awaited<ReturnType<typeof readRailwayConfig>>;

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export class Deployment {
  readonly config: RailwayConfig;
  readonly edge: Edge;
  readonly recording: Recording;
  /** The backend's public domain, for instances that start from now on. */
  backendHost = HOST.backend;
  readonly #built: Readonly<Record<ServiceName, Built>>;
  readonly #recordingFolder: string;
  readonly #instances: Instance[] = [];

  private constructor(
    config: RailwayConfig,
    edge: Edge,
    built: Readonly<Record<ServiceName, Built>>,
    folder: string,
  ) {
    this.config = config;
    this.edge = edge;
    this.#built = built;
    this.#recordingFolder = path.join(folder, "recordings");
    this.recording = new Recording(this.#recordingFolder);
  }

  /**
   * With an instance of each service, and their domains.
   *
   * @param folder for what the backend records
   */
  static async start(built: Readonly<Record<ServiceName, Built>>, folder: string) {
    const deployment = new Deployment(await readRailwayConfig(), await startEdge(), built, folder);
    try {
      const backend = await deployment.startInstance("backend");
      const frontend = await deployment.startInstance("frontend");
      deployment.edge.route(HOST.backend, backend.origin);
      deployment.edge.route(HOST.frontend, frontend.origin);
      return { deployment, backend, frontend };
    } catch (error) {
      await deployment.close();
      throw error;
    }
  }

  /**
   * Starts a new instance by its Procfile and waits for its health check. It gets what Railway gives, what
   * .railway/railway.ts sets, and nothing of this computer's environment; and the backend records what it takes.
   */
  async startInstance(name: ServiceName): Promise<Instance> {
    const { deploy, variables } = this.config[name];
    const { folder, programs, startCommand } = this.#built[name];
    const domains = {
      backend: { RAILWAY_PUBLIC_DOMAIN: this.backendHost },
      frontend: { RAILWAY_PUBLIC_DOMAIN: HOST.frontend },
    };
    const instance = await startInstance({
      name: `The ${name}`,
      folder,
      command: startCommand,
      programs,
      variables: {
        ...(name === "frontend" ? { NODE_ENV: "production" } : {}),
        ...resolveVariables(variables, domains),
        RAILWAY_ENVIRONMENT_NAME: "production",
        RAILWAY_SERVICE_NAME: name,
        ...domains[name],
        ...(name === "backend" ? { SINKS: "console,file", FILE_SINK_FOLDER: this.#recordingFolder } : {}),
      },
      healthcheckPath: deploy.healthcheckPath,
      healthcheckTimeoutMs: deploy.healthcheckTimeout * 1_000,
    });
    this.#instances.push(instance);
    return instance;
  }

  /** Asks over HTTPS, as a person with curl would. */
  ask(host: string, target: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const { port, ca } = this.edge;
    const asked = request({
      host: "127.0.0.1",
      port,
      path: target,
      ca,
      servername: host,
      headers: { host, ...headers },
      agent: false,
    });
    return new Promise((resolve, reject) => {
      asked.once("error", reject);
      asked.once("response", (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (text: string) => {
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
  async close(): Promise<void> {
    await Promise.all(this.#instances.map((instance) => instance.stop("SIGTERM", 1_000)));
    await this.edge.close();
  }
}
