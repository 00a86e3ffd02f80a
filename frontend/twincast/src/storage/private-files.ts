/**
 * The browser's side of storage: one folder for each session in the origin's private file system, and in it the files of
 * its streams. A browser that lacks any part of it (old ones, private windows) gets no journal, and all works without.
 */
import type { StreamKind } from "../model/stream";
import type { MakeKeeper, StoredStream } from "../transport";
import type { SyncFile } from "./record-log";
import { SESSIONS_FOLDER } from "./session-lock";
import { resumeFrom, spillTo } from "./spill";
import { StreamJournal } from "./stream-journal";

/** The files of one stream. */
export interface StreamStorage {
  /** Keeps what a sender of this page has. */
  readonly keep: MakeKeeper;
  /** What a former page left of it, or null. Before anything is written. */
  readonly load: () => StoredStream | null;
  /** Keeps on what `load` gave. */
  readonly resume: MakeKeeper;
  /** The stream is over: its files go. */
  readonly remove: () => Promise<void>;
}

/** From which size on another file is begun: what was acknowledged is freed in parts of it. */
const FILE_BYTES: Record<StreamKind, number> = { video: 16 * 1024 * 1024, audio: 2 * 1024 * 1024 };
/** Of what the browser says is left; the rest is for others, and its figure is an estimate. */
const SHARE: Record<StreamKind, number> = { video: 0.6, audio: 0.1 };
/** A page that is gone lets go of its files a moment later. */
const RELEASE_MS = 5_000;
const TRY_EVERY_MS = 100;

type LockingFile = FileSystemFileHandle & {
  createSyncAccessHandle(): Promise<SyncFile>;
};

/** @returns the folder of all sessions, or null where there is none and `create` is false. @throws where none can be had. */
export async function sessionsFolder(create: boolean): Promise<FileSystemDirectoryHandle | null> {
  const root = await navigator.storage.getDirectory();
  try {
    return await root.getDirectoryHandle(SESSIONS_FOLDER, { create });
  } catch (error) {
    if (!create && error instanceof DOMException && error.name === "NotFoundError") return null;
    throw error;
  }
}

/** Opens the files of one stream. In a worker only. @returns null where the browser has no such files to give. */
export async function openStreamStorage(session: string, stream: StreamKind): Promise<StreamStorage | null> {
  try {
    // Without locks no other page could know whether this one lives.
    if (!navigator.locks) return null;
    const folder = await (await sessionsFolder(true))?.getDirectoryHandle(session, { create: true });
    if (!folder) return null;
    const names = await namesOf(folder, stream);
    while (names.length < 2) names.push(`${stream}-${names.length}`);
    let next = names.length;
    const open = async (name: string) => openFile(await folder.getFileHandle(name, { create: true }));
    const reserve = await open(`${stream}.reserve`);
    const files: SyncFile[] = [];
    for (const name of names) files.push(await open(name));
    const journal = new StreamJournal({
      files,
      reserve,
      openFile: () => open(`${stream}-${next++}`),
      fileBytes: FILE_BYTES[stream],
    });
    const { quota = 0, usage = 0 } = await navigator.storage.estimate();
    return {
      keep: spillTo(journal, Math.max(0, quota - usage) * SHARE[stream]),
      resume: resumeFrom(journal),
      load: () => journal.load(),
      remove: async () => {
        journal.close();
        await removeStream(session, stream).catch(() => {});
      },
    };
  } catch {
    return null;
  }
}

/** The names of a stream's files, in the order in which they were opened. */
async function namesOf(folder: FileSystemDirectoryHandle, stream: StreamKind): Promise<string[]> {
  const numbers: number[] = [];
  for await (const name of folder.keys()) {
    const [, number] = new RegExp(`^${stream}-(\\d+)$`).exec(name) ?? [];
    if (number !== undefined) numbers.push(Number(number));
  }
  return numbers.toSorted((a, b) => a - b).map((number) => `${stream}-${number}`);
}

async function openFile(handle: FileSystemFileHandle): Promise<SyncFile> {
  for (let waitedMs = 0; ; waitedMs += TRY_EVERY_MS) {
    try {
      return await (handle as LockingFile).createSyncAccessHandle();
    } catch (error) {
      const isHeld = error instanceof DOMException && error.name === "NoModificationAllowedError";
      if (!isHeld || waitedMs >= RELEASE_MS) throw error;
      await new Promise((resolve) => setTimeout(resolve, TRY_EVERY_MS));
    }
  }
}

async function removeStream(session: string, stream: StreamKind): Promise<void> {
  const sessions = await sessionsFolder(false);
  const folder = await sessions?.getDirectoryHandle(session);
  if (!sessions || !folder) return;
  const names: string[] = [];
  for await (const name of folder.keys()) if (name.startsWith(stream)) names.push(name);
  for (const name of names) await folder.removeEntry(name);
  // Refused as long as the other stream has files in it.
  await sessions.removeEntry(session);
}
