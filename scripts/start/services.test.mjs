import { once } from "node:events";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { endAllGroups } from "../setup/processes.mjs";
import { findPort, LOOPBACK } from "./ports.mjs";
import { ended, startService, untilReady } from "./services.mjs";

/** @param {string} program */
function start(program) {
  onTestFinished(endAllGroups);
  return startService({
    name: "The stand-in",
    command: process.execPath,
    args: ["-e", program],
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    env: process.env,
    output: "errors",
  });
}

it("waits until a service answers", async () => {
  const port = await findPort(0, LOOPBACK);
  const service = start(
    `require("node:http").createServer((_, response) => response.end()).listen(${port}, "${LOOPBACK}")`,
  );
  await expect(untilReady(service, `http://${LOOPBACK}:${port}/`, 20_000)).resolves.toBe(undefined);
});

it("says how a service ended that was to answer, and its last words", async () => {
  const port = await findPort(0, LOOPBACK);
  const service = start('console.log("cannot find my teeth"); process.exit(7)');
  const ready = untilReady(service, `http://${LOOPBACK}:${port}/`, 20_000);
  await expect(ready).rejects.toThrow("The stand-in ended by itself (exit code 7).");
  expect(ended(service, "It ended.").message).toContain("cannot find my teeth");
});

it("says so when a service stays silent", async () => {
  const silent = createServer(() => {}).listen(0, LOOPBACK);
  await once(silent, "listening");
  onTestFinished(() => {
    silent.closeAllConnections();
    silent.close();
  });
  const address = silent.address();
  if (typeof address !== "object" || !address) throw new Error("no address");
  const service = start("setInterval(() => {}, 1000)");
  const ready = untilReady(service, `http://${LOOPBACK}:${address.port}/`, 300);
  await expect(ready).rejects.toThrow(/The stand-in did not answer at .* within 0\.3 s/);
});
