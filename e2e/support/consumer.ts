/** The process that runs sinks on the log of a fleet, with the one that tests judge by. */
import { backend, python } from "../../tools/paths.ts";
import { type Service, startService } from "../../tools/services.ts";

/** Starts `python -m twincast.consume`, which records what backends took below `recordingDir`. */
export function startConsumer(options: { recordingDir: string; env: Record<string, string> }): Service {
  return startService({
    name: "The consumer",
    command: python.executable,
    args: ["-m", "twincast.consume"],
    cwd: backend,
    env: { ...process.env, SINKS: "file", FILE_SINK_FOLDER: options.recordingDir, ...options.env },
    shows: "nothing",
  });
}
