import { describe, expect, it } from "vitest";
import { runInOrder } from "./schedule.ts";

/**
 * Runs steps that take a turn of the event loop each, and notes how many were running whenever one began.
 *
 * @param names a name in capitals is a step that wants to be alone; "-" in front: it fails
 */
async function runAll(names: readonly string[], { keepGoing = false } = {}) {
  const steps = names.map((name) => ({
    name: name.replace("-", ""),
    alone: name === name.toUpperCase(),
    ok: !name.startsWith("-"),
  }));
  const log: string[] = [];
  const running = new Set<string>();
  const { notRun } = await runInOrder(
    steps,
    async ({ name, ok }) => {
      running.add(name);
      log.push([...running].sort().join("+"));
      await new Promise((resolve) => setImmediate(resolve));
      running.delete(name);
      return { ok };
    },
    { keepGoing, width: 2 },
  );
  return { log, notRun: notRun.map(({ name }) => name) };
}

describe("steps", () => {
  it("run in their order, two side by side", async () => {
    const { log, notRun } = await runAll(["a", "b", "c", "d"]);
    expect(log.slice(0, 2)).toEqual(["a", "a+b"]);
    expect(log).toHaveLength(4);
    expect(Math.max(...log.map((line) => line.split("+").length))).toBe(2);
    expect(notRun).toEqual([]);
  });

  it("run alone where they ask for it", async () => {
    const { log } = await runAll(["a", "b", "C", "D", "e"]);
    expect(log).toEqual(["a", "a+b", "C", "D", "e"]);
  });

  it("end with the first that fails, and say which have not run", async () => {
    expect(await runAll(["-a", "b", "C", "d"])).toEqual({ log: ["a", "a+b"], notRun: ["C", "d"] });
  });

  it("go on after a failure where that is wanted", async () => {
    expect(await runAll(["-A", "B", "c"], { keepGoing: true })).toEqual({ log: ["A", "B", "c"], notRun: [] });
  });
});
