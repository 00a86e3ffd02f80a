/**
 * `npm start`, as a newcomer's terminal runs it, with everything that it starts.
 */
import { once } from "node:events";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
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

interface StartOptions {
  readonly options?: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** As a terminal's shell does it, in a process group of its own: Ctrl-C is a signal to the whole group. */
async function start(
  by: readonly string[],
  { options = [], cwd = root, env = {} }: StartOptions = {},
): Promise<Started> {
  const [port, httpsPort, backendPort] = await freePorts(3);
  const ports = [`--port=${port}`, `--https-port=${httpsPort}`, `--backend-port=${backendPort}`];
  const [command = "", ...args] = [...by, ...ports, ...options];
  const child = spawnGroup(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
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
  expect((await getSecurely(phone)).body).toMatch(/<title[^>]*>Twincast<\/title>/);
  expect((await getSecurely(`${phone}/health`)).body).toContain('"status":"ok"');
  // This computer may watch; the key in the link is for others.
  expect(output()).toContain(`To watch           ${page}/watch`);
  expect((await fetch(`${page}/watch`)).status).toBe(200);
  expect(await (await fetch(`${page}/watch/streams`)).json()).toMatchObject({ sessions: [] });
  expect((await getSecurely(`${phone}/watch/streams`)).body).toContain('"sessions":[]');

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

/**
 * What a first start finds: the project as it was cloned, and a Node that takes itself for an old one.
 *
 * @param hangs which of npm's commands never ends: of the others the one that fetches Node "brings" this one
 */
function makeClone(folder: string, hangs: "ci" | "ping"): StartOptions {
  mkdirSync(path.join(folder, "frontend"), { recursive: true });
  for (const name of ["tools", "package.json", "package-lock.json", "frontend/package.json"]) {
    cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  }
  const old = path.join(folder, "old.mjs");
  writeFileSync(
    old,
    `if (process.argv[1].endsWith("node.mjs") && !process.connected)
       Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.2" } });`,
  );
  const npm = path.join(folder, "npm.js");
  writeFileSync(
    npm,
    `import { mkdirSync, symlinkSync } from "node:fs";
     if (process.argv[2] === ${JSON.stringify(hangs)}) setInterval(() => {}, 1000);
     else {
       const folder = process.cwd() + "/node_modules/node-" + process.platform + "-" + process.arch + "/bin";
       mkdirSync(folder, { recursive: true });
       symlinkSync(process.execPath, folder + "/node");
     }`,
  );
  const env = {
    NODE_OPTIONS: `--import=${old}`,
    npm_execpath: npm,
    npm_node_execpath: process.execPath,
    npm_lifecycle_event: "start",
  };
  return { cwd: folder, env };
}

/** As npm does it; the second command keeps the shell from becoming Node itself, which not every shell would. */
const SHELL = ["sh", "-c", `"${process.execPath}" tools/node.mjs tools/start.ts "$@"; exit $?`, "npm"];

const MOMENTS = [
  { hangs: "ci", says: "Fetching Node", when: "while Node is fetched" },
  { hangs: "ping", says: "Installing the packages", when: "while the packages are installed" },
] as const;

for (const { hangs, says, when } of MOMENTS) {
  for (const [what, end] of [
    ["Ctrl-C", (shell: number) => process.kill(-shell, "SIGINT")],
    ["a closed terminal", (shell: number) => process.kill(-shell, "SIGHUP")],
    ["a signal that only the shell gets", (shell: number) => process.kill(shell, "SIGTERM")],
  ] as const) {
    test(`leaves no process behind after ${what} at the first start, ${when}`, async () => {
      const first = await start(SHELL, makeClone(test.info().outputPath("clone"), hangs));
      await expect.poll(first.output).toContain(says);
      // The shell, the launcher, npm; and between the two the script under the fetched Node.
      await expect.poll(() => first.family().length).toBe(hangs === "ci" ? 3 : 4);
      family = first.family();
      end(first.pid);
      await first.ended();
      await expect.poll(() => stillRunning(family), { timeout: 10_000 }).toEqual([]);
    });
  }
}

test("leaves no process behind when what had to bring another Node is killed", async () => {
  const first = await start(SHELL, makeClone(test.info().outputPath("clone"), "ping"));
  await expect.poll(first.output).toContain("Installing the packages");
  await expect.poll(() => first.family().length).toBe(4);
  family = first.family();
  const launcher = family.find(({ parent }) => parent === first.pid);
  process.kill(launcher?.pid ?? Number.NaN, "SIGKILL");
  await expect.poll(() => stillRunning(family), { timeout: 10_000 }).toEqual([]);
});

test("lets a second command wait while the first sets up, and takes over when that one is gone", async () => {
  const clone = makeClone(test.info().outputPath("clone"), "ping");
  const first = await start(SHELL, clone);
  await expect.poll(first.output).toContain("Installing the packages");
  const second = await start(SHELL, clone);
  await expect.poll(second.output).toContain("Another command sets up this folder: waiting for it");
  expect(second.output()).not.toContain("Installing");
  family = [...first.family(), ...second.family()];
  process.kill(-first.pid, "SIGKILL");
  await expect.poll(second.output).toContain("Installing the packages");
  process.kill(-second.pid, "SIGINT");
  await second.ended();
  await expect.poll(() => stillRunning(second.family())).toEqual([]);
});

test("says in one sentence that a port is in use, and starts nothing", async () => {
  const other = net.createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as net.AddressInfo;
  const refused = await start(NODE, { options: [`--backend-port=${port}`] });
  expect(await refused.ended()).toBe(1);
  expect(refused.output().trim().split("\n")).toEqual([
    expect.stringMatching(`^Port ${port} for the backend is in use: stop .* or take another port with `),
  ]);
  other.close();
});
