import { createHash } from "node:crypto";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../paths.ts";

/**
 * Does something that only one process may do at a time in this folder, such as its installation; another one waits. What
 * holds the turn is a local socket, which the system takes away from a process that dies, however it dies.
 *
 * @param folder the project's
 * @param onWait called once when another process has the turn
 */
export async function oneAtATime<T>(
  work: () => Promise<T>,
  onWait = () => console.log("Another command sets up this folder: waiting for it …"),
  folder = root,
): Promise<T> {
  const address = addressFor(folder);
  let hasWaited = false;
  for (;;) {
    const turn = await listen(address);
    if (turn) {
      try {
        return await work();
      } finally {
        turn();
      }
    }
    const isHeld = await untilFree(address, () => {
      if (!hasWaited) onWait();
      hasWaited = true;
    });
    // Nobody listens there any more: the file of a dead process, which Linux and Windows do not leave behind.
    if (!isHeld && address.startsWith("/")) rmSync(address, { force: true });
  }
}

function addressFor(folder: string): string {
  const name = `twincast-${createHash("sha256").update(folder).digest("hex").slice(0, 16)}`;
  switch (process.platform) {
    case "win32":
      return `\\\\.\\pipe\\${name}`;
    case "linux":
      // An abstract socket: it has no file.
      return `\0${name}`;
    default:
      return join(tmpdir(), `${name}.sock`);
  }
}

/** @returns what gives it back; undefined when somebody else has it */
async function listen(address: string): Promise<(() => void) | undefined> {
  const waiting = new Set<Socket>();
  const server = createServer((socket) => {
    waiting.add(socket.on("error", () => {}));
  });
  try {
    server.listen(address);
    await once(server, "listening");
    return () => {
      server.close();
      for (const socket of waiting) socket.destroy();
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") return undefined;
    throw error;
  }
}

/** @returns false when nobody holds it; else true, once that process has let go or died */
async function untilFree(address: string, onHeld: () => void): Promise<boolean> {
  const socket = connect(address);
  try {
    await once(socket, "connect");
  } catch {
    return false;
  }
  onHeld();
  // A process that dies resets it, which is an end like any other.
  socket.resume().on("error", () => {});
  await new Promise((resolve) => socket.once("close", resolve));
  return true;
}
