import { constants } from "node:os";

/** How often to look whether whoever started this command is still there. */
const PARENT_LOOK_MS = 500;

/**
 * Resolves when this command is asked to stop: by Ctrl-C, by a signal, by a terminal that closes, or because npm or
 * tools/node.mjs is gone. Keeps listening, so that a second Ctrl-C (npm hands on the one that the terminal has sent
 * already) cannot end this process before it has ended its own.
 *
 * @returns the exit code: 128 + the signal's number
 */
export function untilStopped(): Promise<number> {
  const codeOf = (signal: NodeJS.Signals) => 128 + constants.signals[signal];
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => resolve(codeOf(signal)));
    }
    for (const stream of [process.stdout, process.stderr]) {
      stream.on("error", () => resolve(codeOf("SIGHUP")));
    }
    process.once("disconnect", () => resolve(codeOf("SIGTERM")));
    // A signal that ends npm, or the shell between npm and this process, may not come through to here:
    // dash dies of it without handing it on.
    if (process.env.npm_lifecycle_event) {
      const parent = process.ppid;
      setInterval(() => {
        if (process.ppid !== parent) resolve(codeOf("SIGTERM"));
      }, PARENT_LOOK_MS).unref();
    }
  });
}
