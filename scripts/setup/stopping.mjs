import { constants } from "node:os";

/** How often to look whether whoever started this command is still there. */
const PARENT_LOOK_MS = 500;

/**
 * Resolves when this command is asked to stop: by Ctrl-C, by a signal, by a terminal that closes, or because npm is gone.
 * Keeps listening, so that a second Ctrl-C (npm hands on the one that the terminal has sent already) cannot
 * end this process before it has ended its own.
 *
 * @returns {Promise<number>} the exit code: 128 + the signal's number
 */
export function untilStopped() {
  return new Promise((resolve) => {
    /** @type {NodeJS.Signals[]} */
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
    for (const signal of signals) process.on(signal, () => resolve(128 + constants.signals[signal]));
    for (const stream of [process.stdout, process.stderr]) {
      stream.on("error", () => resolve(128 + constants.signals.SIGHUP));
    }
    // A signal that ends npm, or the shell between npm and this process, may not come through to here:
    // dash dies of it without handing it on.
    if (process.env.npm_lifecycle_event || process.env[RERUN]) {
      const parent = process.ppid;
      setInterval(() => {
        if (process.ppid !== parent) resolve(128 + constants.signals.SIGTERM);
      }, PARENT_LOOK_MS).unref();
    }
  });
}

/** Set where this command has been started again by itself, under another Node. */
export const RERUN = "TWINCAST_RERUN";
