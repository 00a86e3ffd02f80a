import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { endAllGroups } from "./processes.ts";
import { serviceFailure, startService, untilReady } from "./services.ts";
import { findPort, LOOPBACK } from "./start/ports.ts";

function start(program: string) {
  onTestFinished(endAllGroups);
  return startService({
    name: "The stand-in",
    command: process.execPath,
    args: ["-e", program],
    cwd: import.meta.dirname,
    env: process.env,
    shows: "errors",
  });
}

it("waits until a service answers", async () => {
  const port = await findPort(0, LOOPBACK);
  const service = start(
    `require("node:http").createServer((_, response) => response.end()).listen(${port}, "${LOOPBACK}")`,
  );
  await expect(untilReady(service, `http://${LOOPBACK}:${port}/`, 20_000)).resolves.toBe(undefined);
});

it("says how a service ended that was to answer, and its last output", async () => {
  const port = await findPort(0, LOOPBACK);
  const service = start('console.log("cannot find my teeth"); process.exit(7)');
  const ready = untilReady(service, `http://${LOOPBACK}:${port}/`, 20_000);
  await expect(ready).rejects.toThrow("The stand-in ended by itself (exit code 7).");
  expect(serviceFailure(service, "It ended.").message).toContain("cannot find my teeth");
});

it("says so when a service stays silent", async () => {
  const silent = createServer(() => {}).listen(0, LOOPBACK);
  await once(silent, "listening");
  onTestFinished(() => {
    silent.closeAllConnections();
    silent.close();
  });
  const { port } = silent.address() as AddressInfo;
  const service = start("setInterval(() => {}, 1000)");
  const ready = untilReady(service, `http://${LOOPBACK}:${port}/`, 300);
  await expect(ready).rejects.toThrow(/The stand-in did not answer at .* within 0\.3 s/);
});

it("ends a service by its own leave, and says so; kills one that does not end in time", async () => {
  const willing = start(
    'process.on("SIGTERM", () => process.exit(0)); console.log("up"); setInterval(() => {}, 1000)',
  );
  await untilReady(willing, async () => willing.output() === "up\n", 20_000);
  expect(await willing.stop()).toBe(true);
  expect(willing.end()).toBe("The stand-in ended by itself (exit code 0).");
  const deaf = start('process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000)');
  await untilReady(deaf, async () => deaf.output() === "up\n", 20_000);
  expect(await deaf.stop("SIGTERM", 100)).toBe(false);
});

it("keeps what a service wrote last, and its error output apart", async () => {
  onTestFinished(endAllGroups);
  const service = startService({
    name: "The stand-in",
    command: process.execPath,
    args: ["-e", 'process.stdout.write("abcdef"); process.stderr.write("!")'],
    cwd: import.meta.dirname,
    env: process.env,
    shows: "nothing",
    keepChars: 4,
  });
  await service.ended;
  expect(service.output()).toHaveLength(4);
  expect(service.errors()).toBe("!");
});
