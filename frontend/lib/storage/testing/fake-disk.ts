/** Files in memory that survive the page, and a page that is killed in the middle of a write. */
import type { StreamStorage } from "../private-files";
import type { SyncFile } from "../record-log";
import { StreamJournal } from "../stream-journal";

export class Killed extends Error {
  override readonly name = "Killed";
}

export class FakeDisk {
  readonly #contents: Uint8Array<ArrayBuffer>[] = [];
  /** How many more bytes are written before the page is killed. */
  killAfterBytes = Number.POSITIVE_INFINITY;
  /** Of all files together. */
  quotaBytes = Number.POSITIVE_INFINITY;
  isKilled = false;
  /** The page is gone in that moment. */
  onKill: () => void = () => {};
  writtenBytes = 0;
  #reserve = new Uint8Array(0);

  /** Another page: the files hold what was written. */
  reopen(): SyncFile[] {
    this.isKilled = false;
    this.killAfterBytes = Number.POSITIVE_INFINITY;
    return this.#contents.map((_, index) => this.#file(index));
  }

  create(): SyncFile {
    this.#contents.push(new Uint8Array(0));
    return this.#file(this.#contents.length - 1);
  }

  get reserve(): SyncFile {
    return this.#of(
      () => this.#reserve,
      (content) => {
        this.#reserve = content;
      },
    );
  }

  get usedBytes(): number {
    return this.#contents.reduce((sum, { length }) => sum + length, this.#reserve.length);
  }

  #file(index: number): SyncFile {
    return this.#of(
      () => this.#contents[index] as Uint8Array<ArrayBuffer>,
      (content) => {
        this.#contents[index] = content;
      },
    );
  }

  #of(get: () => Uint8Array<ArrayBuffer>, set: (content: Uint8Array<ArrayBuffer>) => void): SyncFile {
    const alive = () => {
      if (this.isKilled) throw new Killed();
    };
    return {
      read: (into, { at }) => {
        alive();
        const part = get().subarray(at, at + into.length);
        into.set(part);
        return part.length;
      },
      write: (bytes, { at }) => {
        alive();
        const growth = Math.max(0, at + bytes.length - get().length);
        if (this.usedBytes + growth > this.quotaBytes)
          throw new DOMException("No room.", "QuotaExceededError");
        const kept = Math.min(bytes.length, this.killAfterBytes);
        const content = new Uint8Array(Math.max(get().length, at + kept));
        content.set(get());
        content.set(bytes.subarray(0, kept), at);
        set(content);
        this.writtenBytes += kept;
        this.killAfterBytes -= kept;
        if (kept < bytes.length) {
          this.isKilled = true;
          this.onKill();
          throw new Killed();
        }
        return kept;
      },
      truncate: (size) => {
        alive();
        const growth = size - get().length;
        if (growth > 0 && this.usedBytes + growth > this.quotaBytes)
          throw new DOMException("No room.", "QuotaExceededError");
        const content = new Uint8Array(size);
        content.set(get().subarray(0, size));
        set(content);
      },
      flush: alive,
      getSize: () => get().length,
      close: () => {},
    };
  }
}

/** The files of one stream on this disk. */
export function diskStorage(disk: FakeDisk, fileBytes = 1_000_000): StreamStorage {
  const files = disk.reopen();
  while (files.length < 2) files.push(disk.create());
  const journal = new StreamJournal({
    files,
    openFile: async () => disk.create(),
    fileBytes,
    reserve: disk.reserve,
  });
  return {
    journal,
    roomBytes: Number.POSITIVE_INFINITY,
    load: () => journal.load(),
    remove: async () => journal.close(),
  };
}
