/** A real Redis or Valkey of this computer, for what several backends share. */
import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { backend, python } from "../../tools/paths.ts";
import { run } from "../../tools/processes.ts";
import { startService, untilReady } from "../../tools/services.ts";
import { LOOPBACK } from "../../tools/start/ports.ts";
import { freePort } from "./processes.ts";

const READY_MS = 20_000;

export interface Engine {
  readonly url: string;
  /** kill -9, and again at the same address with what its folder holds. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Where the backend's tests find one on this machine, or what to do where it has none. */
export type EngineProgram =
  | { readonly kind: "found"; readonly path: string }
  | { readonly kind: "none"; readonly reason: string };

export async function findEngine(): Promise<EngineProgram> {
  const asked = [
    "from tests.fleet.engine import NoEngineError, engine_program",
    "try: print(engine_program())",
    'except NoEngineError as error: print(f"none:{error}")',
  ];
  const { code, output } = await run(python.executable, ["-c", asked.join("\n")], { cwd: backend });
  if (code !== 0) throw new Error(`The backend's tests could not be asked for an engine:\n${output}`);
  const answer = output.trim();
  return answer.startsWith("none:")
    ? { kind: "none", reason: answer.slice("none:".length) }
    : { kind: "found", path: answer };
}

/** Starts one in a folder of its own. */
export async function startEngine(): Promise<Engine> {
  const program = await findEngine();
  if (program.kind === "none") throw new Error(`There is no engine to start: ${program.reason}`);
  const port = await freePort();
  const folder = mkdtempSync(path.join(tmpdir(), "twincast-engine-"));
  const start = () =>
    startService({
      name: "The engine",
      command: program.path,
      args: [
        ...["--port", String(port), "--bind", LOOPBACK, "--dir", folder, "--save", ""],
        ...["--appendonly", "yes", "--appendfsync", "no"],
      ],
      cwd: folder,
      env: process.env,
      shows: "nothing",
    });
  let service = start();
  const stop = async () => {
    await service.stop("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await untilReady(service, () => accepts(port), READY_MS);
  } catch (error) {
    await stop();
    throw error;
  }
  const restart = async () => {
    await service.stop("SIGKILL");
    service = start();
    await untilReady(service, () => accepts(port), READY_MS);
  };
  return { url: `redis://${LOOPBACK}:${port}`, restart, stop };
}

const accepts = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = net.connect(port, LOOPBACK);
    socket.once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
    socket.once("connect", () => {
      resolve(true);
      socket.destroy();
    });
  });
