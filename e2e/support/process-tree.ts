/**
 * Which processes there are, and who started them: to see that none stays behind.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** Dead, and not collected by its parent yet. */
  readonly zombie: boolean;
  /** What it was started with, or what it calls itself. */
  readonly command: string;
}

/** @returns the process and everything that it has started, directly or not, and that runs now. */
export function familyOf(ancestor: number): ProcessEntry[] {
  const all = listProcesses().filter(({ zombie }) => !zombie);
  const family = all.filter(({ pid }) => pid === ancestor);
  for (const member of family) family.push(...all.filter(({ parent }) => parent === member.pid));
  return family;
}

/** @returns those of the processes that still run. */
export function stillRunning(processes: readonly ProcessEntry[]): ProcessEntry[] {
  const running = new Set(
    listProcesses()
      .filter(({ zombie }) => !zombie)
      .map(({ pid }) => pid),
  );
  return processes.filter(({ pid }) => running.has(pid));
}

function listProcesses(): ProcessEntry[] {
  return existsSync("/proc/self/stat") ? fromProc() : fromPs();
}

/** Small Linux systems have no `ps`. */
function fromProc(): ProcessEntry[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        // "pid (name) state parent …", and the name may hold anything
        const line = readFileSync(`/proc/${pid}/stat`, "utf8");
        const [state, parent] = line.slice(line.lastIndexOf(")") + 2).split(" ");
        const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
        return [{ pid: Number(pid), parent: Number(parent), zombie: state === "Z", command }];
      } catch {
        // ended meanwhile
        return [];
      }
    });
}

function fromPs(): ProcessEntry[] {
  return execFileSync("ps", ["-A", "-o", "pid=,ppid=,stat=,args="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => {
      const [pid, parent, state, ...words] = line.trim().split(/\s+/);
      const zombie = state?.startsWith("Z") ?? false;
      return { pid: Number(pid), parent: Number(parent), zombie, command: words.join(" ") };
    });
}
