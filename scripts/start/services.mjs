import { setTimeout as wait } from "node:timers/promises";
import { SetupFailure } from "../setup/failure.mjs";
import { spawnGroup } from "../setup/processes.mjs";

/** How much of a quiet service's output is kept, for the case that it dies. */
const TAIL_CHARS = 4_000;

/** How often a service that is coming up is asked whether it is ready. */
const ASK_MS = 100;

/**
 * @typedef {object} Service
 * @property {string} name for people, with its article: "The backend"
 * @property {Promise<string>} ended resolves when it ends, with a sentence that says how
 * @property {() => string} tail the last output of a quiet service
 */

/**
 * Starts a program that is meant to run until it is told to end.
 *
 * @param {{ name: string, command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv,
 *   output: "shown" | "errors" }} options `output`: "shown" gives it the terminal itself, with its colours;
 *   "errors" shows what it writes to its error output only
 * @returns {Service}
 */
export function startService({ name, command, args, cwd, env, output }) {
  const child = spawnGroup(command, args, {
    cwd,
    env,
    stdio: ["ignore", output === "shown" ? "inherit" : "pipe", "inherit"],
  });
  let tail = "";
  child.stdout?.setEncoding("utf8").on("data", (text) => {
    tail = (tail + text).slice(-TAIL_CHARS);
  });
  return {
    name,
    tail: () => tail.trim(),
    ended: new Promise((resolve) => {
      child.once("error", (error) => resolve(`${name} could not be started: ${error.message}.`));
      child.once("exit", (code, signal) =>
        resolve(`${name} ended by itself (${signal ? `signal ${signal}` : `exit code ${code}`}).`),
      );
    }),
  };
}

/**
 * Waits until a service answers.
 *
 * @param {Service} service
 * @param {string} url any HTTP answer below 500 counts
 * @param {number} patienceMs
 * @throws {SetupFailure} "service-failed" when it ends or stays silent
 */
export async function untilReady(service, url, patienceMs) {
  const deadline = performance.now() + patienceMs;
  /** @type {string | undefined} */
  let end;
  void service.ended.then((sentence) => {
    end = sentence;
  });
  while (performance.now() < deadline) {
    const answered = await fetch(url, { signal: AbortSignal.timeout(patienceMs) }).then(
      ({ status }) => status < 500,
      () => false,
    );
    if (end !== undefined) throw ended(service, end);
    if (answered) return;
    await wait(ASK_MS);
  }
  throw ended(service, `${service.name} did not answer at ${url} within ${patienceMs / 1_000} s.`);
}

/**
 * @param {Service} service
 * @param {string} sentence how it ended
 * @returns {SetupFailure} with the service's last words, where the terminal has not shown them yet
 */
export function ended(service, sentence) {
  const words = service.tail();
  return new SetupFailure("service-failed", words ? `${sentence} Its last words:\n${words}` : sentence);
}
