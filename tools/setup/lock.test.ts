import { expect, it } from "vitest";
import { type Finished, run } from "../processes.ts";
import { oneAtATime } from "./lock.ts";

const FOLDER = `/a/project/${process.pid}`;

it("lets one after the other work in a folder, and gives the turn on after a failure", async () => {
  const log: string[] = [];
  const waits: string[] = [];
  const { promise: allWait, resolve: nowAllWait } = Promise.withResolvers<void>();
  const work = (name: string) => async () => {
    log.push(`${name} begins`);
    await allWait;
    log.push(`${name} ends`);
    if (name === "b") throw new Error("b failed");
  };
  const onWait = (name: string) => () => {
    if (waits.push(name) === 2) nowAllWait();
  };
  const all = ["a", "b", "c"].map((name) => oneAtATime(work(name), onWait(name), FOLDER));
  const outcomes = await Promise.allSettled(all);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  for (let i = 0; i < log.length; i += 2) {
    expect(log[i + 1]).toBe(log[i]?.replace("begins", "ends"));
  }
  expect(waits.sort()).toEqual(["b", "c"]);
});

it("takes the turn of a process that was killed, and waits for one that lives", {
  timeout: 30_000,
}, async () => {
  const program = (then: string) => `
    const { oneAtATime } = await import(${JSON.stringify(import.meta.resolve("./lock.ts"))});
    await oneAtATime(async () => { console.log("has it"); ${then} }, () => {}, ${JSON.stringify(FOLDER)});`;
  const hold = (then: string): { has: Promise<void>; finished: Promise<Finished> } => {
    const { promise: has, resolve } = Promise.withResolvers<void>();
    const args = ["--input-type=module", "-e", program(then)];
    return { has, finished: run(process.execPath, args, { onOutput: () => resolve() }) };
  };
  const killed = hold('process.kill(process.pid, "SIGKILL")');
  await killed.finished;
  const living = hold("await new Promise((resolve) => setTimeout(resolve, 300));");
  await living.has;
  let hasWaited = false;
  await oneAtATime(
    async () => {},
    () => {
      hasWaited = true;
    },
    FOLDER,
  );
  expect(hasWaited).toBe(true);
  expect((await living.finished).code).toBe(0);
});
