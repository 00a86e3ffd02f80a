import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

/** @typedef {import("node:child_process").ChildProcess} ChildProcess */
/** @typedef {import("node:child_process").SpawnOptions} SpawnOptions */

const isWindows = process.platform === "win32";

/**
 * Leaders of the process groups that may still have members. A group outlives its leader: npm and next start
 * processes of their own.
 *
 * @type {Set<number>}
 */
const groups = new Set();

/** How long a group may take to end by itself before it is killed. */
const GRACE_MS = 5_000;

/** How often a group that was told to end is looked at again. */
const LOOK_MS = 30;

// The last net: whatever ends this process, short of SIGKILL, no group stays behind.
process.once("exit", () => {
  for (const leader of groups) signalGroup(leader, "SIGKILL");
});

/**
 * Starts a program as the leader of a process group of its own, so that it can be ended with all that it starts, and
 * so that a Ctrl-C in the terminal reaches this process only, which then ends the groups in order.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {SpawnOptions} options
 */
export function spawnGroup(command, args, options) {
  const child = spawn(command, args, { ...options, detached: !isWindows });
  if (child.pid !== undefined) groups.add(child.pid);
  return child;
}

/**
 * Sends a signal to every member of a group.
 *
 * @param {number} leader process id of the group's leader
 * @param {NodeJS.Signals | 0} signal 0 sends none
 * @returns {boolean} false when the group has no member left, not even a dead one
 */
function signalGroup(leader, signal) {
  if (isWindows) {
    // Windows knows no groups and no SIGTERM: taskkill walks the tree of children.
    if (signal !== 0) spawnSync("taskkill", ["/pid", String(leader), "/t", "/f"]);
    return false;
  }
  try {
    process.kill(-leader, signal);
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {number} leader
 * @returns {boolean} whether any member of the group still runs
 */
function isGroupRunning(leader) {
  if (!signalGroup(leader, 0)) return false;
  if (process.platform !== "linux") return true;
  // Dead members count until somebody collects them, and the first process of a container may never do so:
  // look at the states. A line reads "pid (name) state parent group …", and the name may hold anything.
  return readdirSync("/proc").some((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const line = readFileSync(`/proc/${pid}/stat`, "utf8");
      const [state = "", , group] = line.slice(line.lastIndexOf(")") + 2).split(" ");
      return Number(group) === leader && !"ZX".includes(state);
    } catch {
      return false;
    }
  });
}

/**
 * Ends a group: politely, then by force.
 *
 * @param {ChildProcess} child its leader, dead or alive
 * @param {number} [graceMs] how long the polite way may take
 */
export async function endGroup(child, graceMs = GRACE_MS) {
  if (child.pid === undefined) return;
  await endGroupOf(child.pid, graceMs);
}

/** Ends all groups that were started here, at the same time. */
export async function endAllGroups() {
  await Promise.all([...groups].map((leader) => endGroupOf(leader, GRACE_MS)));
}

/**
 * @param {number} leader
 * @param {number} graceMs
 */
async function endGroupOf(leader, graceMs) {
  /** @type {[NodeJS.Signals, number][]} */
  const steps = [
    ["SIGTERM", graceMs],
    ["SIGKILL", 1_000],
  ];
  for (const [signal, patienceMs] of steps) {
    if (!signalGroup(leader, signal)) break;
    const deadline = performance.now() + patienceMs;
    while (isGroupRunning(leader) && performance.now() < deadline) await wait(LOOK_MS);
  }
  groups.delete(leader);
}

/**
 * @typedef {object} Finished
 * @property {number | null} code exit code; null when a signal ended it or it could not be started
 * @property {string} output what it wrote to both outputs, in the order in which it came
 * @property {boolean} timedOut whether it was ended because it took too long
 */

/**
 * Runs a program to its end and collects its output. Never rejects: a program that does not exist ends with code null
 * and the reason as its output.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number, onOutput?: (text: string) => void }} [options]
 * @returns {Promise<Finished>}
 */
export async function run(command, args, { cwd, env, timeoutMs, onOutput } = {}) {
  const child = spawnGroup(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let timedOut = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text) => {
      output += text;
      onOutput?.(text);
    });
  }
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          void endGroup(child);
        }, timeoutMs);
  try {
    const [code] = await once(child, "close");
    await endGroup(child);
    return { code, output, timedOut };
  } catch (error) {
    return { code: null, output: output + String(error), timedOut };
  } finally {
    clearTimeout(timer);
  }
}
