/** How much memory processes hold, from /proc; null where there is none. */
import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";

/**
 * What a process has for itself and its share of common memory, bytes. Without what is mapped from files: the share in the
 * browser's program grows when another browser on the machine ends.
 */
function heldBytes(pid: number): number | null {
  try {
    const figures = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
    const [, anonymous] = /^Pss_Anon:\s+(\d+) kB$/m.exec(figures) ?? [];
    const [, shared] = /^Pss_Shmem:\s+(\d+) kB$/m.exec(figures) ?? [];
    return anonymous === undefined ? null : (Number(anonymous) + Number(shared ?? 0)) * 1024;
  } catch {
    return null;
  }
}

/** The largest of Chromium's renderers: the one with the page in it. */
async function rendererPid(page: Page): Promise<number | null> {
  const session = await page.context().browser()?.newBrowserCDPSession();
  const { processInfo } = (await session?.send("SystemInfo.getProcessInfo")) ?? { processInfo: [] };
  const renderers = processInfo
    .filter(({ type }) => type === "renderer")
    .map(({ id }) => ({ id, bytes: heldBytes(id) ?? 0 }))
    .sort((a, b) => b.bytes - a.bytes);
  return renderers[0]?.id ?? null;
}

export interface MemoryFigures {
  readonly startBytes: number | null;
  readonly peakBytes: number | null;
  readonly endBytes: number | null;
  /** The median of each minute. */
  readonly minutesBytes: readonly number[];
}

/** Looks once a second until `stop`. */
export class MemoryWatch {
  readonly #samples: number[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(pid: () => number | null) {
    this.#timer = setInterval(() => {
      const id = pid();
      const bytes = id === null ? null : heldBytes(id);
      if (bytes !== null) this.#samples.push(bytes);
    }, 1_000).unref();
  }

  static async ofPage(page: Page): Promise<MemoryWatch> {
    const pid = await rendererPid(page);
    return new MemoryWatch(() => pid);
  }

  stop(): MemoryFigures {
    clearInterval(this.#timer);
    const samples = this.#samples;
    return {
      startBytes: samples[0] ?? null,
      peakBytes: samples.length === 0 ? null : Math.max(...samples),
      endBytes: samples.at(-1) ?? null,
      minutesBytes: minutesOf(samples),
    };
  }
}

/** @param samples one a second. */
function minutesOf(samples: readonly number[]): number[] {
  const minutes: number[] = [];
  for (let start = 0; start < samples.length; start += 60) {
    const minute = samples.slice(start, start + 60).toSorted((a, b) => a - b);
    minutes.push(minute[Math.floor(minute.length / 2)] as number);
  }
  return minutes;
}
