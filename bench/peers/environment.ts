/** What the peers are made of, in a place of its own: nothing of it is part of the product or its tests. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { local } from "../../tools/paths.ts";
import { run } from "../../tools/processes.ts";
import { npm } from "../../tools/setup/packages.ts";
import { fingerprint } from "../../tools/setup/stamps.ts";

const HERE = import.meta.dirname;
const FOLDER = path.join(local, "peers");

/** A part of the environment, or the sentence that says why it cannot be had. */
export type Part =
  | { readonly kind: "here"; readonly path: string }
  | { readonly kind: "missing"; readonly reason: string };

const BUILD_MS = 1_200_000;

/** @returns the interpreter of an environment with aiortc and LiveKit's SDK, as requirements.txt pins them. */
export function ensurePython(): Promise<Part> {
  const venv = path.join(FOLDER, "venv");
  const requirements = path.join(HERE, "requirements.txt");
  const interpreter = path.join(venv, "bin/python");
  return ensure(
    "Python's packages",
    interpreter,
    [requirements],
    [
      { command: [process.env.PYTHON ?? "python3", "-m", "venv", "--clear", venv] },
      {
        command: [
          interpreter,
          "-m",
          "pip",
          "install",
          "--disable-pip-version-check",
          "-q",
          "-r",
          requirements,
        ],
      },
    ],
  );
}

/** @returns livekit-client as one script. */
export function ensureLiveKitClient(): Promise<Part> {
  const folder = path.join(HERE, "livekit/client");
  const script = path.join(folder, "node_modules/livekit-client/dist/livekit-client.umd.js");
  const [command, args] = npm(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]);
  return ensure(
    "livekit-client",
    script,
    [path.join(folder, "package-lock.json")],
    [{ command: [command, ...args], cwd: folder }],
  );
}

/** @returns LiveKit's server, which Go builds; the first time takes minutes. */
export function ensureLiveKitServer(): Promise<Part> {
  const folder = path.join(HERE, "livekit/server");
  const program = path.join(FOLDER, "livekit-server");
  const sources = ["go.mod", "go.sum"].map((name) => path.join(folder, name));
  return ensure("LiveKit's server", program, sources, [
    {
      command: ["go", "build", "-trimpath", "-o", program, "github.com/livekit/livekit-server/cmd/server"],
      cwd: folder,
    },
  ]);
}

interface Command {
  readonly command: readonly string[];
  readonly cwd?: string;
}

/** Makes a part unless it was made from these very files. */
async function ensure(
  name: string,
  made: string,
  from: readonly string[],
  commands: readonly Command[],
): Promise<Part> {
  const stamp = path.join(FOLDER, `${path.basename(made)}.stamp`);
  const state = fingerprint(from);
  if (existsSync(made) && existsSync(stamp) && readFileSync(stamp, "utf8") === state) {
    return { kind: "here", path: made };
  }
  console.log(`Installing ${name} …`);
  mkdirSync(FOLDER, { recursive: true });
  for (const { command, cwd } of commands) {
    const [program = "", ...args] = command;
    const { code, output } = await run(program, args, { cwd, env: process.env, timeoutMs: BUILD_MS });
    if (code !== 0) {
      const reason = output.trim().split("\n").at(-1) ?? "";
      return { kind: "missing", reason: `${name} could not be installed: ${reason}` };
    }
  }
  writeFileSync(stamp, state);
  return { kind: "here", path: made };
}
