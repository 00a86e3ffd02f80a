import { existsSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { backend, python } from "../paths.ts";
import { run } from "../processes.ts";
import { aptInstall, canAptInstall } from "./apt.ts";
import { SetupFailure } from "./failure.ts";
import { keepLog, looksOffline, reasonOf } from "./logs.ts";
import { step } from "./progress.ts";
import { fingerprint, readStamp, writeStamp } from "./stamps.ts";
import { compareVersions } from "./versions.ts";

/** Oldest Python that the backend is written for. */
const OLDEST_PYTHON = "3.11";

export interface Interpreter {
  readonly command: string;
  readonly args: readonly string[];
  readonly version: string;
  readonly canMakeVenv: boolean;
}

/**
 * Chooses among the interpreters that were found.
 *
 * @param found in order of preference
 * @param named what PYTHON names, which then is the only one that was looked at
 * @throws {SetupFailure} "python-missing", "python-too-old" or "venv-missing"
 */
export function chooseInterpreter(found: readonly Interpreter[], named?: string): Interpreter {
  const [first] = found;
  if (!first && named) {
    throw new SetupFailure(
      "python-missing",
      `PYTHON names "${named}", which is not there or is no Python: correct it, or unset it to have one looked for.`,
    );
  }
  if (!first) {
    throw new SetupFailure(
      "python-missing",
      `Python ${OLDEST_PYTHON} or newer is needed, and none was found: install it from https://www.python.org/downloads/ or with your package manager, or set PYTHON to where it is.`,
    );
  }
  const young = found.filter(({ version }) => compareVersions(version, OLDEST_PYTHON) >= 0);
  const [best] = young;
  if (!best) {
    throw new SetupFailure(
      "python-too-old",
      `Python ${OLDEST_PYTHON} or newer is needed, and ${first.command} is ${first.version}: install a newer one from https://www.python.org/downloads/ or with your package manager, or set PYTHON to where it is.`,
    );
  }
  const usable = young.find(({ canMakeVenv }) => canMakeVenv);
  if (!usable) {
    throw new SetupFailure(
      "venv-missing",
      `Python ${best.version} is here without its venv module: install it (on Debian and Ubuntu: "sudo apt install python3-venv") and run the command again.`,
    );
  }
  return usable;
}

/**
 * Names under which systems keep Python 3: its own name first, then those of versions that stand beside an older one, as on
 * macOS and on Ubuntu with another archive. `py` is the launcher on Windows.
 */
const CANDIDATES = [
  ["python3"],
  ["python"],
  ["python3.14"],
  ["python3.13"],
  ["python3.12"],
  ["python3.11"],
  ["py", "-3"],
];

// Debian ships venv without ensurepip, and that half makes an environment without pip.
const QUESTION = `
import platform
try:
    import ensurepip, venv
    can = True
except ImportError:
    can = False
print(platform.python_version(), can)
`;

/** @returns the interpreters on this machine, in order of preference */
async function findInterpreters(named: string | undefined): Promise<Interpreter[]> {
  const found: Interpreter[] = [];
  for (const [command = "", ...args] of named ? [[named]] : CANDIDATES) {
    const { code, output } = await run(command, [...args, "-c", QUESTION], { timeoutMs: 20_000 });
    const answer = /^(\d+\.\d+\S*) (True|False)$/m.exec(output);
    if (code !== 0 || !answer) continue;
    const [, version = "", can] = answer;
    found.push({ command, args, version, canMakeVenv: can === "True" });
  }
  return found;
}

/** What the environment is for: tests take packages of their own. */
type Purpose = "run" | "test";

async function interpreterFor(purpose: Purpose): Promise<Interpreter> {
  const named = process.env.PYTHON || undefined;
  const found = await findInterpreters(named);
  try {
    return chooseInterpreter(found, named);
  } catch (error) {
    const lacksVenv = error instanceof SetupFailure && error.code === "venv-missing";
    if (!lacksVenv || purpose !== "test" || !canAptInstall()) throw error;
    await aptInstall("Python's venv module", ["python3-venv"]);
    return chooseInterpreter(await findInterpreters(named), named);
  }
}

/** Whether the environment is there and its interpreter still starts (a removed or upgraded Python breaks it). */
async function isVenvAlive(): Promise<boolean> {
  if (!existsSync(python.config)) return false;
  const { code } = await run(python.executable, ["-c", "import pip"], { timeoutMs: 20_000 });
  return code === 0;
}

/**
 * Makes the backend's virtual environment and installs its pinned requirements, unless that was done for these very
 * requirements.
 *
 * @param purpose "test" adds requirements-dev.txt, and may install Debian's python3-venv
 * @throws {SetupFailure}
 */
export async function ensurePython(purpose: Purpose): Promise<void> {
  const files = ["requirements.txt", "requirements-dev.txt"].map((name) => join(backend, name));
  // Both lists belong to both stamps: the second includes the first, and telling them apart is not worth a wrong guess.
  const state = () =>
    fingerprint(files, existsSync(python.config) ? [String(statSync(python.config).mtimeMs)] : []);
  const done = readStamp(purpose === "test" ? "backend-dev" : "backend");
  const alive = await isVenvAlive();
  if (alive && done === state()) return;

  if (!alive) {
    const { command, args } = await interpreterFor(purpose);
    await step("Making the backend's Python environment", async () => {
      const made = await run(command, [...args, "-m", "venv", "--clear", python.venv]);
      if (made.code === 0) return;
      const log = keepLog("venv", made.output);
      throw new SetupFailure(
        "install-failed",
        `The Python environment could not be made: ${reasonOf(made.output, log)}.`,
      );
    });
  }
  const list = purpose === "test" ? files.slice(1) : files.slice(0, 1);
  await step(`Installing ${list.map((file) => `backend/${basename(file)}`).join(" and ")}`, async () => {
    const { code, output } = await run(
      python.executable,
      ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--requirement", ...list],
      { cwd: backend },
    );
    if (code === 0) return;
    const log = keepLog("pip-install", output);
    throw looksOffline(output)
      ? new SetupFailure(
          "offline",
          `Python's package index cannot be reached: connect to the internet (or set up pip's proxy) and run the command again; what pip said is in ${log}.`,
        )
      : new SetupFailure(
          "install-failed",
          `The backend's requirements could not be installed: ${reasonOf(output, log)}.`,
        );
  });
  writeStamp("backend", state());
  if (purpose === "test") writeStamp("backend-dev", state());
}

/**
 * @returns the ffmpeg that comes with the requirements for tests
 * @throws {SetupFailure} "tool-missing"
 */
export async function ffmpegPath(): Promise<string> {
  const question = "import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())";
  const { code, output } = await run(python.executable, ["-c", question]);
  if (code === 0) return output.trim();
  throw new SetupFailure(
    "tool-missing",
    "imageio-ffmpeg has no ffmpeg for this system: install ffmpeg yourself and name it in IMAGEIO_FFMPEG_EXE.",
  );
}
