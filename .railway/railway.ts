/**
 * The services as Railway is to run them. `railway config plan` shows what would change, `railway config apply` does it;
 * a push to GitHub does not read this file. docs/railway.md tells when to use it.
 *
 * It owns what it names: a variable that somebody set in the dashboard and that is missing here is planned for deletion.
 * A secret that is set in the dashboard gets a line of its own: `ACCESS_SECRET: preserve()`, from "railway/iac".
 */
import { defineRailway, github, project, redis, service } from "railway/iac";

/** Where Railway takes the code from, as "owner/name"; empty when it comes from this computer by `railway up`. */
const REPOSITORY = "";

const BRANCH = "main";

/**
 * How many backends share the phones. More than one need an engine that knows every stream, and a consumer that runs
 * your sinks: both are described then too. docs/railway.md, "More than one backend", has what is to be done by hand.
 */
const BACKENDS: number = 1;

/** Time for the old instance between SIGTERM and SIGKILL. The backend needs up to 8 s when a sink is slow. */
const DRAINING_SECONDS = 15;

/** The service's HTTPS address, which Railway fills in: a domain that changes changes the variable with it. */
const publicUrl = (service: string) => `https://\${{${service}.RAILWAY_PUBLIC_DOMAIN}}`;

/** The engine's address on the project's private network. */
const LOG_URL = `\${{redis.REDIS_URL}}`;

/**
 * @param repository "owner/name" on GitHub, or empty
 * @param backends how many instances of the backend
 * @returns the project with its services
 */
export function describeProject(repository: string, backends: number) {
  const isFleet = backends > 1;
  const source = (folder: string) =>
    repository
      ? { source: github(repository, { branch: BRANCH, rootDirectory: folder }) }
      : { rootDirectory: folder };

  const backend = service("backend", {
    ...source("/backend"),
    build: { builder: "RAILPACK", watchPatterns: ["/backend/**"] },
    start: "exec python main.py",
    healthcheck: "/health",
    healthcheckTimeout: 120,
    // Without an engine a second instance would not know what the first one took.
    replicas: backends,
    // The overlap lets Railway's proxy turn to the new instance before the old one sends its phones away.
    deploy: { overlapSeconds: 5, drainingSeconds: DRAINING_SECONDS },
    env: {
      PORT: "8080",
      ALLOWED_ORIGINS: publicUrl("frontend"),
      ...(isFleet ? { LOG_URL } : {}),
    },
  });

  // From the same folder; nobody connects to it, so it has neither a domain nor a health check.
  const consumer = service("consumer", {
    ...source("/backend"),
    build: { builder: "RAILPACK", watchPatterns: ["/backend/**"] },
    start: "exec python -m twincast.consume",
    replicas: 1,
    deploy: { overlapSeconds: 0, drainingSeconds: DRAINING_SECONDS },
    env: { LOG_URL },
  });

  const frontend = service("frontend", {
    ...source("/frontend"),
    build: { builder: "RAILPACK", watchPatterns: ["/frontend/**"] },
    start: "exec node_modules/.bin/next start",
    healthcheck: "/",
    healthcheckTimeout: 120,
    replicas: 1,
    deploy: { overlapSeconds: 5, drainingSeconds: DRAINING_SECONDS },
    env: {
      PORT: "3000",
      BACKEND_URL: publicUrl("backend"),
      // Railpack's own choice is `npm install`, which may change what package-lock.json says.
      RAILPACK_NODE_NPM_INSTALL: "npm ci",
    },
  });

  const fleet = isFleet ? [redis("redis"), consumer] : [];
  return project("twincast", { resources: [backend, frontend, ...fleet] });
}

export default defineRailway(() => describeProject(REPOSITORY, BACKENDS));
