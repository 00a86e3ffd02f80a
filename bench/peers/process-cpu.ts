/** How much of a processor core a process and all that it started take. Linux. */
import { readFileSync } from "node:fs";
import { familyOf } from "../../e2e/support/process-tree.ts";

/** Of /proc/<pid>/stat; 100 on every Linux that Node runs on (sysconf(_SC_CLK_TCK)). */
const TICKS_PER_SECOND = 100;

export class ProcessCpu {
  readonly #pid: number;
  readonly #from: { readonly atMs: number; readonly ticks: number };

  constructor(pid: number) {
    this.#pid = pid;
    this.#from = { atMs: performance.now(), ticks: ticksOf(pid) };
  }

  /** @returns percent of one core since it was made. */
  stop(): number {
    const seconds = (performance.now() - this.#from.atMs) / 1e3;
    return (100 * (ticksOf(this.#pid) - this.#from.ticks)) / TICKS_PER_SECOND / seconds;
  }
}

function ticksOf(ancestor: number): number {
  return familyOf(ancestor).reduce((sum, { pid }) => {
    // "pid (name) state …", and the name may hold anything; utime and stime are the 14th and the 15th field.
    const line = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
    return sum + Number(fields[11]) + Number(fields[12]);
  }, 0);
}
