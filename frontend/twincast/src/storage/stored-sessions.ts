/** The sessions that pages have left on this device, found again. */
import type { StreamKind } from "../model/stream";
import { sessionsFolder } from "./private-files";
import { holdSession } from "./session-lock";

/** Media that nobody came back for in this time are removed by the next visit. */
export const LEFTOVER_MS = 24 * 60 * 60 * 1_000;

const REMOVE_TRIES = 20;
const REMOVE_EVERY_MS = 250;

const KINDS: readonly StreamKind[] = ["video", "audio"];

export interface StoredSession {
  readonly session: string;
  /** Those of which something is stored. */
  readonly streams: readonly StreamKind[];
  /** Removes what is stored, and lets go of the session. */
  readonly remove: () => Promise<void>;
}

/**
 * The sessions that were cut off and of which something is stored, each held for this page. What is older than
 * `LEFTOVER_MS`, and what holds nothing, is removed.
 *
 * @param nowMs since the epoch; files are stamped by the device's clock, which may have been set since the page was opened.
 */
export async function findStoredSessions(nowMs: number): Promise<StoredSession[]> {
  if (!navigator.storage?.getDirectory || !navigator.locks) return [];
  const sessions = await sessionsFolder(false).catch(() => null);
  if (!sessions) return [];
  const names: string[] = [];
  for await (const name of sessions.keys()) names.push(name);
  const found: StoredSession[] = [];
  for (const session of names) {
    const release = await holdSession(session);
    if (!release) continue;
    const remove = async () => {
      await removeFolder(sessions, session);
      release();
    };
    const streams = await storedStreams(sessions, session, nowMs).catch(() => []);
    if (streams.length === 0) await remove();
    else found.push({ session, streams, remove });
  }
  return found;
}

/** A worker that has files of it open is given a moment to end. */
async function removeFolder(sessions: FileSystemDirectoryHandle, session: string): Promise<void> {
  for (let tries = 0; tries < REMOVE_TRIES; tries++) {
    try {
      return await sessions.removeEntry(session, { recursive: true });
    } catch (error) {
      if (error instanceof DOMException && error.name === "NotFoundError") return;
      await new Promise((resolve) => setTimeout(resolve, REMOVE_EVERY_MS));
    }
  }
}

async function storedStreams(
  sessions: FileSystemDirectoryHandle,
  session: string,
  nowMs: number,
): Promise<StreamKind[]> {
  const folder = await sessions.getDirectoryHandle(session);
  const stored = new Set<StreamKind>();
  for await (const [name, handle] of folder.entries()) {
    const kind = KINDS.find((one) => name.startsWith(`${one}-`));
    if (!kind || handle.kind !== "file") continue;
    const { size, lastModified } = await (handle as FileSystemFileHandle).getFile();
    if (size > 0 && nowMs - lastModified < LEFTOVER_MS) stored.add(kind);
  }
  return KINDS.filter((kind) => stored.has(kind));
}
