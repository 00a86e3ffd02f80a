/**
 * `npm start`, as a newcomer's terminal runs it, with everything that it starts.
 */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request } from "node:https";
import net from "node:net";
import path from "node:path";
import { expect, test } from "@playwright/test";
import { WebSocket } from "ws";
import { root } from "../tools/paths.ts";
import { spawnGroup } from "../tools/processes.ts";
import { familyOf, type ProcessEntry, stillRunning } from "./support/process-tree.ts";

interface Started {
  readonly pid: number;
  readonly page: string;
  readonly phone: string;
  output(): string;
  /** The started process and everything under it. */
  family(): ProcessEntry[];
  /** Waits for the end: the exit code, or the signal. */
  ended(): Promise<number | NodeJS.Signals>;
}

// One after the other: they share the certificate that the first one makes.
test.describe.configure({ mode: "default" });

const NPM = ["npm", "start", "--"];
const NODE = [process.execPath, "tools/start.ts"];

let started: Started | undefined;
let family: readonly ProcessEntry[] = [];
test.afterEach(() => {
  for (const { pid } of stillRunning([...family, ...(started?.family() ?? [])])) process.kill(pid, "SIGKILL");
  family = [];
});

/** Different ones: they are held until all are found, for the system likes to give the same again. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => net.createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as net.AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}

/** As a terminal's shell does it, in a process group of its own: Ctrl-C is a signal to the whole group. */
async function start(by: readonly string[], options: readonly string[] = []): Promise<Started> {
  const [port, httpsPort, backendPort] = await freePorts(3);
  const ports = [`--port=${port}`, `--https-port=${httpsPort}`, `--backend-port=${backendPort}`];
  const [command = "", ...args] = [...by, ...ports, ...options];
  const child = spawnGroup(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const pipe of [child.stdout, child.stderr]) {
    pipe?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const exit = once(child, "exit") as Promise<[number | null, NodeJS.Signals]>;
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command} could not be started.`);
  started = {
    pid,
    page: `http://localhost:${port}`,
    phone: `https://127.0.0.1:${httpsPort}`,
    output: () => output,
    family: () => familyOf(pid),
    ended: async () => {
      const [code, signal] = await exit;
      return code ?? signal;
    },
  };
  return started;
}

async function untilUp({ output, ended, family: members }: Started): Promise<void> {
  const up = expect
    .poll(output, { timeout: 60_000, message: "the terminal says that everything is up" })
    .toContain("Ctrl-C ends everything");
  const down = ended().then((outcome) => {
    throw new Error(`npm start ended (${outcome}):\n${output()}`);
  });
  await Promise.race([up, down]);
  family = members();
}

/** Process id of a program among those that were started. */
function pidOf(program: string): number {
  const found = family.find(({ command }) => command.includes(program));
  if (!found) throw new Error(`No ${program} among ${family.map(({ command }) => command).join("; ")}`);
  return found.pid;
}

const authority = () => readFileSync(path.join(root, ".local/https/authority.crt"));

async function getSecurely(url: string): Promise<{ status: number | undefined; body: string }> {
  const asked = request(url, { ca: authority(), agent: false }).end();
  const [response] = await once(asked, "response");
  return { status: response.statusCode, body: Buffer.concat(await response.toArray()).toString() };
}

/** Says hello as the page would, and resolves with the backend's first word. */
async function greet(origin: string): Promise<unknown> {
  const socket = new WebSocket(`${origin.replace("http", "ws")}/ws/audio`, "twincast.v1", {
    origin,
    ca: authority(),
  });
  await once(socket, "open");
  socket.send(JSON.stringify({ type: "hello", session: crypto.randomUUID(), resumeFrom: 0 }));
  const [word] = await once(socket, "message");
  socket.close();
  await once(socket, "close");
  return JSON.parse(String(word));
}

test("serves page and sockets to this computer and, over HTTPS, to phones", async () => {
  const up = await start(NPM);
  await untilUp(up);
  const { page, phone, output } = up;
  expect(output()).toContain(`On this computer   ${page}`);

  expect((await fetch(page)).status).toBe(200);
  expect(await (await fetch(`${page}/health`)).json()).toMatchObject({ status: "ok" });
  expect((await getSecurely(phone)).body).toContain("<title>Twincast</title>");
  expect((await getSecurely(`${phone}/health`)).body).toContain('"status":"ok"');

  expect(await greet(page)).toMatchObject({ type: "ready", nextSeq: 0 });
  expect(await greet(phone)).toMatchObject({ type: "ready", nextSeq: 0 });
  await expect.poll(output, { message: "the backend's console" }).toContain("stream opened");
});

const ENDS = [
  { by: NODE, what: "Ctrl-C", end: (pid: number) => process.kill(-pid, "SIGINT"), code: 130 },
  { by: NODE, what: "SIGTERM", end: (pid: number) => process.kill(pid, "SIGTERM"), code: 143 },
  { by: NODE, what: "the backend's death", end: () => process.kill(pidOf("main.py"), "SIGKILL"), code: 1 },
  {
    by: NODE,
    what: "the death of the page's server",
    end: () => process.kill(pidOf("next"), "SIGKILL"),
    code: 1,
  },
  { by: NPM, what: "Ctrl-C under npm", end: (pid: number) => process.kill(-pid, "SIGINT") },
  { by: NPM, what: "a signal that only npm gets", end: (pid: number) => process.kill(pid, "SIGTERM") },
] as const;

for (const { by, what, end, ...expected } of ENDS) {
  test(`leaves no process behind after ${what}`, async () => {
    const up = await start(by);
    await untilUp(up);
    // At least: what was started, the backend, the page's server.
    expect(family.length).toBeGreaterThanOrEqual(3);
    end(up.pid);
    const outcome = await up.ended();
    // What npm makes of its child's exit code is its own affair, and differs by version.
    if ("code" in expected) expect(outcome).toBe(expected.code);
    await expect.poll(() => stillRunning(family), { timeout: 10_000 }).toEqual([]);
  });
}

test("says in one sentence that a port is in use, and starts nothing", async () => {
  const other = net.createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as net.AddressInfo;
  const refused = await start(NODE, [`--backend-port=${port}`]);
  expect(await refused.ended()).toBe(1);
  expect(refused.output().trim().split("\n")).toEqual([
    expect.stringMatching(`^Port ${port} for the backend is in use: stop .* or take another port with `),
  ]);
  other.close();
});
