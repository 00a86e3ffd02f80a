/** A Railway project on this computer: both services built, an edge before them, and the instances that run now. */
import type { IncomingHttpHeaders } from "node:http";
import { request } from "node:https";
import path from "node:path";
import { type Service, startService } from "../../tools/services.ts";
import { Recording } from "../support/recording.ts";
import type { Built } from "./build.ts";
import {
  readFleetConfig,
  readRailwayConfig,
  resolveVariables,
  type ServiceConfig,
  type WebService,
} from "./config.ts";
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

type RailwayConfig = Readonly<Record<WebService, ServiceConfig>>;

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
  readonly #built: Readonly<Record<WebService, Built>>;
  readonly #recordingFolder: string;
  /** Where the engine listens, or null of a deployment without one. */
  readonly #engineUrl: string | null;
  readonly #services: Service[] = [];

  private constructor(
    config: RailwayConfig,
    edge: Edge,
    built: Readonly<Record<WebService, Built>>,
    folder: string,
    engineUrl: string | null,
  ) {
    this.config = config;
    this.#engineUrl = engineUrl;
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
  static async start(built: Readonly<Record<WebService, Built>>, folder: string) {
    const deployment = new Deployment(await readRailwayConfig(), await startEdge(), built, folder, null);
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
   * With two backends that share an engine, and a consumer that records.
   *
   * @param engineUrl as the private network would name it
   */
  static async startFleet(built: Readonly<Record<WebService, Built>>, folder: string, engineUrl: string) {
    const config = readFleetConfig(2);
    const deployment = new Deployment(config, await startEdge(), built, folder, engineUrl);
    try {
      deployment.#startConsumer(config.consumer);
      const backends = [await deployment.startInstance("backend"), await deployment.startInstance("backend")];
      const frontend = await deployment.startInstance("frontend");
      deployment.edge.route(HOST.backend, ...backends.map(({ origin }) => origin));
      deployment.edge.route(HOST.frontend, frontend.origin);
      return { deployment, backends, frontend };
    } catch (error) {
      await deployment.close();
      throw error;
    }
  }

  /**
   * Starts a new instance by its Procfile and waits for its health check. It gets what Railway gives, what
   * .railway/railway.ts sets, and nothing of this computer's environment; and a backend that is alone records what it
   * takes.
   */
  async startInstance(name: WebService): Promise<Instance> {
    const { deploy, variables } = this.config[name];
    const { folder, programs, startCommand } = this.#built[name];
    const domains = this.#domains;
    if (!deploy.healthcheckPath || !deploy.healthcheckTimeout)
      throw new Error(`${name} has no health check.`);
    const instance = await startInstance({
      name: `The ${name}`,
      folder,
      command: startCommand,
      programs,
      variables: {
        ...(name === "frontend" ? { NODE_ENV: "production" } : {}),
        ...resolveVariables(variables, { ...domains, ...this.#engine }),
        RAILWAY_ENVIRONMENT_NAME: "production",
        RAILWAY_SERVICE_NAME: name,
        ...domains[name],
        ...(name === "backend" && !this.#engineUrl ? this.#recording : {}),
      },
      healthcheckPath: deploy.healthcheckPath,
      healthcheckTimeoutMs: deploy.healthcheckTimeout * 1_000,
    });
    this.#services.push(instance);
    return instance;
  }

  #startConsumer({ name, deploy, variables }: ServiceConfig): void {
    const { folder, programs } = this.#built.backend;
    const env: Record<string, string> = {
      HOME: folder,
      PATH: [programs, process.env.PATH].join(path.delimiter),
      ...resolveVariables(variables, this.#engine),
      RAILWAY_ENVIRONMENT_NAME: "production",
      RAILWAY_SERVICE_NAME: name,
      ...this.#recording,
    };
    this.#services.push(
      startService({
        name: "The consumer",
        command: "sh",
        args: ["-c", deploy.startCommand],
        cwd: folder,
        env: env as NodeJS.ProcessEnv,
        shows: "nothing",
      }),
    );
  }

  get #domains() {
    return {
      backend: { RAILWAY_PUBLIC_DOMAIN: this.backendHost },
      frontend: { RAILWAY_PUBLIC_DOMAIN: HOST.frontend },
    };
  }

  get #engine(): Record<string, Record<string, string>> {
    return this.#engineUrl ? { redis: { REDIS_URL: this.#engineUrl } } : {};
  }

  get #recording() {
    return { SINKS: "console,file", FILE_SINK_FOLDER: this.#recordingFolder };
  }

  /** What all its services wrote, for who looks into a failure. */
  output(): string {
    return this.#services.map((service) => `${service.name}:\n${service.output()}`).join("\n");
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
    await Promise.all(this.#services.map((service) => service.stop("SIGTERM", 1_000)));
    await this.edge.close();
  }
}
