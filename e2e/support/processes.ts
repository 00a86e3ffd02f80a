/** The servers that a test needs, each on a free port of its own and ended by its id. */
import { existsSync } from "node:fs";
import path from "node:path";
import { backend, frontend, python, root } from "../../tools/paths.ts";
import { type Service, startService, untilReady } from "../../tools/services.ts";
import { findPort, LOOPBACK } from "../../tools/start/ports.ts";

export interface Running extends Service {
  readonly port: number;
}

export const freePort = () => findPort(0, LOOPBACK);

const READY_MS = 30_000;

/** A network of its own to run in: the server's address there, and the words that run a command inside. */
export interface Inside {
  readonly address: string;
  readonly enter: readonly string[];
}

/** Starts a server and waits until `readyPath` answers. Rejects with what it printed when it does not. */
async function startServer(
  name: string,
  server: readonly [command: string, ...args: string[]],
  options: {
    cwd: string;
    env: Record<string, string>;
    port: number;
    readyPath: string;
    inside?: Inside | undefined;
  },
): Promise<Running> {
  const { inside, cwd, env, port, readyPath } = options;
  const [command = "", ...args] = [...(inside?.enter ?? []), ...server];
  const service = startService({
    name,
    command,
    args,
    cwd,
    env: { ...process.env, ...env },
    shows: "nothing",
  });
  try {
    await untilReady(service, `http://${inside?.address ?? LOOPBACK}:${port}${readyPath}`, READY_MS);
  } catch (error) {
    await service.stop("SIGKILL");
    throw error;
  }
  return { ...service, port };
}

/** The real backend; beside the console its file sink records what it takes under `recordingDir`. */
export async function startBackend(options: {
  recordingDir: string;
  origins: readonly string[];
  port?: number;
  env?: Record<string, string>;
  inside?: Inside;
}): Promise<Running> {
  if (!existsSync(python.executable))
    throw new Error("backend/.venv is missing: run the tests with npm test.");
  const port = options.port ?? (await freePort());
  const { inside } = options;
  return startServer("The backend", [python.executable, "main.py"], {
    inside,
    cwd: backend,
    env: {
      HOST: inside?.address ?? LOOPBACK,
      PORT: String(port),
      SINKS: "console,file",
      FILE_SINK_FOLDER: options.recordingDir,
      ALLOWED_ORIGINS: options.origins.join(","),
      LOG_FORMAT: "json",
      LOG_LINES_PER_SECOND: "1000",
      ...options.env,
    },
    port,
    readyPath: "/health",
  });
}

/** The built frontend; `backendUrl` is where its pages find the backend. */
export async function startWeb(options: {
  port: number;
  backendUrl: string;
  env?: Record<string, string>;
}): Promise<Running> {
  const next = path.join(root, "node_modules/next/dist/bin/next");
  if (!existsSync(path.join(frontend, ".next/BUILD_ID"))) {
    throw new Error("The frontend is not built: run npm run build.");
  }
  return startServer(
    "The frontend",
    [process.execPath, next, "start", "-p", String(options.port), "-H", LOOPBACK],
    {
      cwd: frontend,
      env: { BACKEND_URL: options.backendUrl, NEXT_TELEMETRY_DISABLED: "1", ...options.env },
      port: options.port,
      readyPath: "/",
    },
  );
}
