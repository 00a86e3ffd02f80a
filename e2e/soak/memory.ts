/** How much memory processes hold, from /proc; null where there is none. */
import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";

/** Own pages and a fair share of the common ones, bytes. */
function heldBytes(pid: number): number | null {
  try {
    const [, kib] = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8")) ?? [];
    return kib === undefined ? null : Number(kib) * 1024;
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
    };
  }
}
