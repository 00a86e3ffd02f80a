/**
 * The one place where this project starts and ends processes. Each is the leader of a process group of its own, so that
 * it can be ended with all that it starts, and so that a Ctrl-C in the terminal reaches this process only, which then
 * ends the groups in order.
 */
import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

const isWindows = process.platform === "win32";

/**
 * Leaders of the process groups that may still have members. A group outlives its leader: npm and next start processes
 * of their own.
 */
const groups = new Set<number>();

/** How long a group may take to end by itself before it is killed. */
export const GRACE_MS = 5_000;

/** How long the system may take to collect what was killed. */
const KILL_MS = 1_000;

/** How often a group that was told to end is looked at again. */
const LOOK_MS = 30;

// The last net: whatever ends this process, short of SIGKILL, no group stays behind.
process.once("exit", () => {
  for (const leader of groups) signalGroup(leader, "SIGKILL");
});

/** Starts a program as the leader of a group. */
export function spawnGroup(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(command, args, { ...options, detached: !isWindows });
  if (child.pid !== undefined) groups.add(child.pid);
  return child;
}

/**
 * Sends a signal to every member of a group.
 *
 * @param leader process id of the group's leader
 * @param signal 0 sends none
 * @returns false when the group has no member left, not even a dead one
 */
function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
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

/** @returns whether any member of the group still runs */
function isGroupRunning(leader: number): boolean {
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
 * Ends a group: by SIGTERM to all its members, then by force.
 *
 * @param child its leader, dead or alive
 * @param graceMs how long it may take to end by itself
 */
export async function endGroup(child: ChildProcess, graceMs = GRACE_MS): Promise<void> {
  if (child.pid !== undefined) await endGroupOf(child.pid, graceMs);
}

/** Ends all groups that were started here, at the same time. */
export async function endAllGroups(): Promise<void> {
  await Promise.all([...groups].map((leader) => endGroupOf(leader, GRACE_MS)));
}

async function endGroupOf(leader: number, graceMs: number): Promise<void> {
  const attempts = [
    ["SIGTERM", graceMs],
    ["SIGKILL", KILL_MS],
  ] as const;
  for (const [signal, timeoutMs] of attempts) {
    if (!signalGroup(leader, signal)) break;
    const deadline = performance.now() + timeoutMs;
    while (isGroupRunning(leader) && performance.now() < deadline) await wait(LOOK_MS);
  }
  groups.delete(leader);
}

export interface Finished {
  /** The exit code; null when a signal ended it or it could not be started. */
  readonly code: number | null;
  /** What it wrote to both outputs, in the order in which it came. */
  readonly output: string;
  /** Whether it was ended because it took too long. */
  readonly timedOut: boolean;
}

export interface RunOptions {
  readonly cwd?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly timeoutMs?: number | undefined;
  readonly onOutput?: ((text: string) => void) | undefined;
}

/**
 * Runs a program to its end and collects its output. Never rejects: a program that does not exist ends with code null
 * and the reason as its output.
 */
export async function run(
  command: string,
  args: readonly string[],
  { cwd, env, timeoutMs, onOutput }: RunOptions = {},
): Promise<Finished> {
  const child = spawnGroup(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let timedOut = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
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
