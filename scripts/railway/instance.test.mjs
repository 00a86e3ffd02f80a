import { tmpdir } from "node:os";
import { expect, it, onTestFinished } from "vitest";
import { EVERYWHERE, findPort, LOOPBACK } from "../start/ports.mjs";
import { startInstance } from "./instance.mjs";

/** @param {{ host?: string, status?: number, onSigterm?: string }} app */
async function start({ host = EVERYWHERE, status = 200, onSigterm = "process.exit(0)" }) {
  const program = `
    process.on("SIGTERM", () => { ${onSigterm} });
    require("node:http")
      .createServer((request, response) => {
        console.log(request.headers.host, request.url, process.env.GREETING, process.env.TWINCAST_SECRET);
        response.writeHead(${status}).end();
      })
      .listen(process.env.PORT, "${host}")`;
  const instance = await startInstance({
    name: "The app",
    folder: tmpdir(),
    command: `exec '${process.execPath}' -e '${program}'`,
    paths: [],
    variables: { PORT: String(await findPort(0, EVERYWHERE)), GREETING: "hello" },
    healthcheck: { path: "/health", timeoutSeconds: 3 },
  });
  onTestFinished(async () => void (await instance.stop(0)));
  return instance;
}

it("is ready when its health check is answered, under Railway's host name and with its own variables only", async () => {
  process.env.TWINCAST_SECRET = "of this computer";
  onTestFinished(() => {
    delete process.env.TWINCAST_SECRET;
  });
  const instance = await start({});
  expect(instance.output()).toBe("healthcheck.railway.app /health hello undefined\n");
});

it("is not ready when the health check says anything but 200", async () => {
  await expect(start({ status: 307 })).rejects.toThrow("The app answered its health check /health with 307");
});

it("is not ready when it listens on the loopback only, where Railway's proxy does not reach it", async () => {
  const isReachedFromOutside = !(await start({})).origin.includes(LOOPBACK);
  // A computer without any network has no outside.
  if (isReachedFromOutside) await expect(start({ host: LOOPBACK })).rejects.toThrow("with nothing");
});

it("says what a program that cannot start has said", async () => {
  const variables = { PORT: String(await findPort(0, EVERYWHERE)) };
  const started = startInstance({
    name: "The app",
    folder: tmpdir(),
    command: "echo no such setting; exit 3",
    paths: [],
    variables,
    healthcheck: { path: "/", timeoutSeconds: 10 },
  });
  await expect(started).rejects.toThrow("no such setting");
});

it("ends by itself on SIGTERM, and by SIGKILL when it does not drain in time", async () => {
  expect(await (await start({})).stop(5)).toMatchObject({ how: "by itself" });
  expect(await (await start({ onSigterm: "" })).stop(0.3)).toMatchObject({ how: "by SIGKILL" });
});
