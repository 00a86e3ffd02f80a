/** Programs that are meant to run until they are told to end: the backend, the page's server, what tests put beside them. */
import { setTimeout as wait } from "node:timers/promises";
import { endGroup, GRACE_MS, spawnGroup } from "./processes.ts";
import { SetupFailure } from "./setup/failure.ts";

/** How often a service that is coming up is asked whether it is ready. */
const ASK_MS = 50;

/** How long what it wrote may take to arrive after its end; what it has started may hold the pipe open for longer. */
const LAST_OUTPUT_MS = 250;

/** How long an answer may take before it is asked again. */
const ANSWER_MS = 5_000;

export interface ServiceOptions {
  /** For people, with its article: "The backend". */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /**
   * What the terminal shows of its output: "all" gives it the terminal itself, with its colours; "errors" what it
   * writes to its error output only. What is not shown is kept.
   */
  readonly shows: "all" | "errors" | "nothing";
  /** How much of its output is kept: the last so many characters. */
  readonly keepChars?: number;
}

export interface Service {
  readonly name: string;
  readonly pid: number;
  /** What it wrote, as far as that was kept. */
  output(): string;
  /** What of it went to its error output. */
  errors(): string;
  /** Resolves when it ends, with a sentence that says how. */
  readonly ended: Promise<string>;
  /** The same sentence, or undefined while it runs. */
  end(): string | undefined;
  /**
   * Sends it a signal and waits for its end; kills it when that takes too long. What it has left behind is ended, too.
   *
   * @returns whether it ended by itself
   */
  stop(signal?: NodeJS.Signals, graceMs?: number): Promise<boolean>;
}

/** Starts a service. It may not be ready yet, and may never be: see `untilReady`. */
export function startService(options: ServiceOptions): Service {
  const { name, command, args, cwd, env, shows, keepChars = Number.POSITIVE_INFINITY } = options;
  const child = spawnGroup(command, args, {
    cwd,
    env,
    stdio: ["ignore", shows === "all" ? "inherit" : "pipe", shows === "nothing" ? "pipe" : "inherit"],
  });
  let output = "";
  let errors = "";
  const keep = (text: string) => {
    output += text;
    if (output.length > keepChars) output = output.slice(-keepChars);
  };
  child.stdout?.setEncoding("utf8").on("data", keep);
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
    keep(text);
  });
  let end: string | undefined;
  const closed = new Promise((resolve) => child.once("close", resolve));
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(`${name} could not be started: ${error.message}.`));
    child.once("exit", (code, signal) =>
      resolve(`${name} ended by itself (${signal ? `signal ${signal}` : `exit code ${code}`}).`),
    );
  }).then(async (sentence) => {
    await Promise.race([closed, wait(LAST_OUTPUT_MS)]);
    end = sentence;
    return sentence;
  });
  return {
    name,
    pid: child.pid ?? 0,
    output: () => output,
    errors: () => errors,
    ended,
    end: () => end,
    stop: async (signal = "SIGTERM", graceMs = GRACE_MS) => {
      let isKilled = false;
      if (end === undefined) {
        child.kill(signal);
        const timer = setTimeout(() => {
          isKilled = true;
          child.kill("SIGKILL");
        }, graceMs);
        await ended;
        clearTimeout(timer);
      }
      await endGroup(child);
      return !isKilled;
    },
  };
}

/**
 * Waits until a service is ready.
 *
 * @param ready an address that is asked until it answers with a status below 500, or a question of its own
 * @throws {SetupFailure} "service-failed", with its last output, when it ends or does not become ready in time
 */
export async function untilReady(
  service: Service,
  ready: string | (() => Promise<boolean>),
  timeoutMs: number,
): Promise<void> {
  const ask = typeof ready === "string" ? () => answers(ready, Math.min(ANSWER_MS, timeoutMs)) : ready;
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    const isReady = await Promise.race([ask(), service.ended.then(() => false)]);
    const end = service.end();
    if (end !== undefined) throw serviceFailure(service, end);
    if (isReady) return;
    await wait(ASK_MS);
  }
  const where = typeof ready === "string" ? ` at ${ready}` : "";
  throw serviceFailure(service, `${service.name} did not answer${where} within ${timeoutMs / 1_000} s.`);
}

/** @returns the sentence, followed by the service's last output as far as the terminal has not shown it yet */
export function serviceFailure(service: Service, sentence: string): SetupFailure {
  return new SetupFailure("service-failed", [sentence, service.output().trim()].filter(Boolean).join("\n"));
}

async function answers(url: string, timeoutMs: number): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    await response.body?.cancel();
    return response.status < 500;
  } catch {
    return false;
  }
}
