/**
 * `npm run soak -- --minutes N --seed S [--trials T]`: random cuts for N minutes, then killed backends, then black holes
 * that drop packets for real, T of each length. Prints a report of figures; exits with 1 when anything was lost.
 */
import { spawn } from "node:child_process";
import path from "node:path";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "2" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    trials: { type: "string", default: "3" },
    only: { type: "string" },
  },
});
for (const [name, value] of Object.entries({
  minutes: values.minutes,
  seed: values.seed,
  trials: values.trials,
})) {
  if (!(Number(value) >= 0)) {
    console.error(`--${name} takes a number, not "${value}".`);
    process.exit(2);
  }
}

const root = path.resolve(import.meta.dirname, "../..");
const playwright = path.join(root, "node_modules/@playwright/test/cli.js");
const args = [playwright, "test", "-c", path.join(import.meta.dirname, "soak.config.ts")];
if (values.only) args.push("-g", values.only);
const child = spawn(process.execPath, args, {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, SOAK_MINUTES: values.minutes, SOAK_SEED: values.seed, SOAK_TRIALS: values.trials },
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
child.on("exit", (code) => process.exit(code ?? 1));
