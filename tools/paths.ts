import { dirname, join } from "node:path";

/** The project's folder. */
export const root = dirname(import.meta.dirname);

export const frontend = join(root, "frontend");
export const backend = join(root, "backend");

/** What the commands keep for themselves between runs; not under version control. */
export const local = join(root, ".local");

const venv = join(backend, ".venv");

/** The virtual environment's parts that the commands look at. */
export const python =
  process.platform === "win32"
    ? { venv, config: join(venv, "pyvenv.cfg"), executable: join(venv, "Scripts", "python.exe") }
    : { venv, config: join(venv, "pyvenv.cfg"), executable: join(venv, "bin", "python") };
