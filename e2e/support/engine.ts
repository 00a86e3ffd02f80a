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

/** Starts one in a folder of its own. The backend's tests know where a machine has one, and what to do where it has none. */
export async function startEngine(): Promise<Engine> {
  const asked = "from tests.fleet.engine import engine_program; print(engine_program())";
  const { code, output } = await run(python.executable, ["-c", asked], { cwd: backend });
  if (code !== 0) throw new Error(`There is no engine to start:\n${output}`);
  const port = await freePort();
  const folder = mkdtempSync(path.join(tmpdir(), "twincast-engine-"));
  const start = () =>
    startService({
      name: "The engine",
      command: output.trim(),
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
