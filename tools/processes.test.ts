import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { Readable } from "node:stream";
import { expect, it, onTestFinished } from "vitest";
import { endGroup, run, spawnGroup } from "./processes.ts";

/**
 * A program that starts another, prints both process ids, and runs until it is ended.
 *
 * @param inner what both do on SIGTERM
 */
const family = (inner: string) => `
  const inner = ${JSON.stringify(`${inner}; console.log(process.pid); setInterval(() => {}, 1000);`)};
  require("node:child_process").spawn(process.execPath, ["-e", inner], { stdio: "inherit" });
  ${inner}; console.log(process.pid); setInterval(() => {}, 1000);`;

/** @returns whether it runs; a dead process that nobody has collected yet does not */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== "linux" || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

async function startFamily(program: string) {
  const child = spawnGroup(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => endGroup(child, 0));
  const pids: number[] = [];
  for await (const [text] of on(child.stdout)) {
    pids.push(...text.trim().split("\n").map(Number));
    if (pids.length === 2) break;
  }
  return { child, pids };
}

async function* on(stream: Readable | null) {
  if (!stream) throw new Error("no output");
  stream.setEncoding("utf8");
  while (true) yield (await once(stream, "data")) as [string];
}

it("ends a program together with the programs that it started", async () => {
  const { child, pids } = await startFamily(family(""));
  expect(pids.map(isAlive)).toEqual([true, true]);
  await endGroup(child);
  expect(pids.map(isAlive)).toEqual([false, false]);
});

it("kills what does not end when it is told to", async () => {
  const { child, pids } = await startFamily(family('process.on("SIGTERM", () => {})'));
  await endGroup(child, 100);
  expect(pids.map(isAlive)).toEqual([false, false]);
});

it("ends what a program leaves behind when it dies", async () => {
  const { child, pids } = await startFamily(family(""));
  process.kill(child.pid ?? Number.NaN, "SIGKILL");
  await once(child, "exit");
  await endGroup(child);
  expect(pids.map(isAlive)).toEqual([false, false]);
});

it("collects both outputs and the exit code of a program that is run to its end", async () => {
  const program = 'console.log("out"); console.error("err"); process.exit(3)';
  const { code, output } = await run(process.execPath, ["-e", program]);
  expect(code).toBe(3);
  expect(output.split("\n").sort()).toEqual(["", "err", "out"]);
});

it("ends a program that takes too long", async () => {
  const { code, timedOut } = await run(process.execPath, ["-e", "setInterval(() => {}, 1000)"], {
    timeoutMs: 50,
  });
  expect(timedOut).toBe(true);
  expect(code).toBe(null);
});

it("reports a program that does not exist instead of throwing", async () => {
  const { code, output } = await run("no-such-program-here", []);
  expect(code).toBe(null);
  expect(output).toContain("ENOENT");
});
