/**
 * The processes that a test needs, each on a free port of its own and ended by its id.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import net from "node:net";
import path from "node:path";

export const ROOT = path.resolve(import.meta.dirname, "../..");
const VENV = path.join(ROOT, "backend/.venv", process.platform === "win32" ? "Scripts" : "bin");

export interface Running {
  readonly port: number;
  readonly pid: number;
  /** What it printed so far. */
  output(): string;
  /** Ends it in good order and waits; SIGKILL when it does not end. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

const PATIENCE_MS = 30_000;
const STOP_MS = 5_000;

/** A network of its own to run in: the server's address there, and the words that run a command inside. */
export interface Inside {
  readonly address: string;
  readonly enter: readonly string[];
}

/** Starts a server and waits until `readyPath` answers. Rejects with what it printed when it does not. */
export async function startServer(
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
  const { inside } = options;
  const host = inside?.address ?? "127.0.0.1";
  const [command = "", ...args] = [...(inside?.enter ?? []), ...server];
  const child = spawn(command, args, { cwd: options.cwd, env: { ...process.env, ...options.env } });
  let output = "";
  for (const pipe of [child.stdout, child.stderr]) {
    pipe.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const running = { port: options.port, pid: child.pid ?? 0, output: () => output, stop: stopper(child) };
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}:\n${output}`);
    if (await answers(`http://${host}:${options.port}${options.readyPath}`)) return running;
    if (Date.now() > deadline) {
      await running.stop("SIGKILL");
      throw new Error(`${name} did not answer within ${PATIENCE_MS} ms:\n${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function stopper(child: ChildProcess): Running["stop"] {
  return async (signal = "SIGTERM") => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await ended;
    clearTimeout(timer);
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(1_000) })).ok;
  } catch {
    return false;
  }
}

/** The real backend; beside the console its file sink records what it takes under `recordingDir`. */
export async function startBackend(options: {
  recordingDir: string;
  origins: readonly string[];
  port?: number;
  env?: Record<string, string>;
  inside?: Inside;
}): Promise<Running> {
  const python = path.join(VENV, "python");
  if (!existsSync(python)) throw new Error("backend/.venv is missing: run the tests with npm test.");
  const port = options.port ?? (await freePort());
  const { inside } = options;
  return startServer("The backend", [python, "main.py"], {
    inside,
    cwd: path.join(ROOT, "backend"),
    env: {
      HOST: inside?.address ?? "127.0.0.1",
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
  const next = path.join(ROOT, "node_modules/next/dist/bin/next");
  if (!existsSync(path.join(ROOT, "frontend/.next/BUILD_ID"))) {
    throw new Error("The frontend is not built: run npm run build.");
  }
  return startServer(
    "The frontend",
    [process.execPath, next, "start", "-p", String(options.port), "-H", "127.0.0.1"],
    {
      cwd: path.join(ROOT, "frontend"),
      env: { BACKEND_URL: options.backendUrl, NEXT_TELEMETRY_DISABLED: "1", ...options.env },
      port: options.port,
      readyPath: "/",
    },
  );
}
