/** Turns between the workers of one run of Playwright, each of which is a process of its own. */
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { expect } from "@playwright/test";

/** Longer than any flow may take, twice. */
const WAIT_MS = 400_000;

/**
 * Waits until no other worker of this run has this turn.
 *
 * @returns gives it back; so does the end of this process, however it ends.
 */
export async function takeTurn(name: string): Promise<() => void> {
  // Linux's abstract names are given back by the kernel; all workers are children of one process.
  const address = `\0twincast-${name}-${process.ppid}`;
  let held: Server | undefined;
  await expect
    .poll(
      async () => {
        held = await listen(address);
        return held !== undefined;
      },
      { message: `the turn of ${name}`, timeout: WAIT_MS, intervals: [100] },
    )
    .toBe(true);
  return () => held?.close();
}

/** @returns undefined where somebody else listens there. */
async function listen(address: string): Promise<Server | undefined> {
  const server = createServer();
  server.listen(address);
  try {
    await once(server, "listening");
    return server;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") return undefined;
    throw error;
  }
}
