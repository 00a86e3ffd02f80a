/** Files in memory that survive the page, and a page that is killed in the middle of a write. */
import type { StreamStorage } from "../private-files";
import type { SyncFile } from "../record-log";
import { resumeFrom, spillTo } from "../spill";
import { StreamJournal } from "../stream-journal";

export class Killed extends Error {
  override readonly name = "Killed";
}

/** Grows by doubling: a journal appends. */
class Content {
  size = 0;
  #bytes = new Uint8Array(64);

  read(into: Uint8Array, at: number): number {
    const part = this.#bytes.subarray(at, Math.max(at, Math.min(this.size, at + into.length)));
    into.set(part);
    return part.length;
  }

  write(bytes: Uint8Array, at: number): void {
    this.resize(Math.max(this.size, at + bytes.length));
    this.#bytes.set(bytes, at);
  }

  resize(size: number): void {
    if (size > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(size, 2 * this.#bytes.length));
      grown.set(this.#bytes.subarray(0, this.size));
      this.#bytes = grown;
    }
    if (size < this.size) this.#bytes.fill(0, size, this.size);
    this.size = size;
  }
}

export class FakeDisk {
  readonly #contents: Content[] = [];
  readonly #reserve = new Content();
  /** How many more bytes are written before the page is killed. */
  killAfterBytes = Number.POSITIVE_INFINITY;
  /** Of all files together. */
  quotaBytes = Number.POSITIVE_INFINITY;
  isKilled = false;
  /** The page is gone in that moment. */
  onKill: () => void = () => {};
  writtenBytes = 0;

  /** Another page: the files hold what was written. */
  reopen(): SyncFile[] {
    this.isKilled = false;
    this.killAfterBytes = Number.POSITIVE_INFINITY;
    return this.#contents.map((content) => this.#open(content));
  }

  create(): SyncFile {
    const content = new Content();
    this.#contents.push(content);
    return this.#open(content);
  }

  get reserve(): SyncFile {
    return this.#open(this.#reserve);
  }

  get usedBytes(): number {
    return this.#contents.reduce((sum, { size }) => sum + size, this.#reserve.size);
  }

  #open(content: Content): SyncFile {
    const alive = () => {
      if (this.isKilled) throw new Killed();
    };
    const grow = (size: number) => {
      const growth = Math.max(0, size - content.size);
      if (growth > 0 && this.usedBytes + growth > this.quotaBytes)
        throw new DOMException("No room.", "QuotaExceededError");
    };
    return {
      read: (into, { at }) => {
        alive();
        return content.read(into, at);
      },
      write: (bytes, { at }) => {
        alive();
        grow(at + bytes.length);
        const kept = Math.min(bytes.length, this.killAfterBytes);
        content.write(bytes.subarray(0, kept), at);
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
        grow(size);
        content.resize(size);
      },
      flush: alive,
      getSize: () => content.size,
      close: () => {},
    };
  }
}

/** The files of one stream on this disk. */
export function diskStorage(
  disk: FakeDisk,
  { fileBytes = 1_000_000, roomBytes = Number.POSITIVE_INFINITY } = {},
): StreamStorage {
  const files = disk.reopen();
  while (files.length < 2) files.push(disk.create());
  const journal = new StreamJournal({
    files,
    openFile: async () => disk.create(),
    fileBytes,
    reserve: disk.reserve,
  });
  return {
    keep: spillTo(journal, roomBytes),
    resume: resumeFrom(journal),
    load: () => journal.load(),
    remove: async () => journal.close(),
  };
}
