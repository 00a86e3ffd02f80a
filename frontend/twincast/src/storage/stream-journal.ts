/**
 * The journal of one stream over a few files that are written one after the other. A file whose records nobody needs any
 * more is emptied and written again later. Pure: the files are handed in.
 *
 * Each file begins with the state, and a file is emptied only after a newer state was written and flushed. So what a
 * crash leaves is read the same way whatever it interrupted: the newest state, and from its `resumeFrom` on every chunk
 * and gap up to the first that is missing.
 */
import { decodeChunk, ProtocolError } from "../protocol/frames";
import type { JournalState, Place, StoredChunk, StoredGap, StoredStream } from "../transport";
import type { Journal } from "./journal";
import { encodeRecord, RECORD_HEADER_BYTES, type SyncFile, scanRecords } from "./record-log";

/** A journal of another format is nobody's. */
const VERSION = 1;
const KIND = { state: 1, chunk: 2, gap: 3 } as const;

export interface JournalFiles {
  /** Those that are open, with whatever they hold. */
  readonly files: readonly SyncFile[];
  /** Opens another one, in its own time; null where that cannot be. */
  readonly openFile: () => Promise<SyncFile | null>;
  /** From which size on another file is begun. */
  readonly fileBytes: number;
  /** Keeps room for a newer state, so that files can be emptied where there is no room for anything else. */
  readonly reserve: SyncFile;
}

const RESERVE_BYTES = 256 * 1024;

interface OpenFile {
  readonly file: SyncFile;
  size: number;
  /** Records that somebody may still need. */
  inUse: number;
}

export class StreamJournal implements Journal {
  readonly #options: JournalFiles;
  readonly #files: OpenFile[];
  #current = 0;
  #nextRecord = 1;
  #state: (() => JournalState) | null = null;
  #hasRoom = true;
  /** The state on disk lacks something that a later record needs. */
  #isStateDue = false;
  #isOpening = false;
  #isClosed = false;

  constructor(options: JournalFiles) {
    this.#options = options;
    this.#files = options.files.map((file) => ({ file, size: file.getSize(), inUse: 0 }));
  }

  get hasRoom(): boolean {
    return this.#hasRoom;
  }

  /** What all its files hold, bytes. */
  get sizeBytes(): number {
    return this.#files.reduce((sum, { size }) => sum + size, 0);
  }

  /** What a former page left, or null where there is nothing to go on with. Before anything is written. */
  load(): StoredStream | null {
    const found: { first: number; index: number }[] = [];
    for (const [index, { file }] of this.#files.entries()) {
      const { value, done } = scanRecords(file).next();
      if (!done) found.push({ first: value.number, index });
    }
    let state: JournalState | null = null;
    const entries = new Map<number, StoredChunk | StoredGap>();
    const inFiles = new Map<number, number>();
    for (const { index } of found.toSorted((a, b) => a.first - b.first)) {
      const open = this.#files[index] as OpenFile;
      const records = scanRecords(open.file);
      let next = records.next();
      for (; !next.done; next = records.next()) {
        const { number, kind, at, bytes, body } = next.value;
        this.#nextRecord = Math.max(this.#nextRecord, number + 1);
        if (kind === KIND.state) state = parseState(body);
        if (kind === KIND.gap) {
          // Whatever was stored between its ends is passed over with it.
          const gap = parseGap(body);
          entries.set(gap.from, gap);
        }
        if (kind === KIND.chunk) addChunk(entries, body, { file: index, at, bytes });
      }
      open.size = next.value;
      this.#current = index;
    }
    if (!state) return null;
    const row = rowFrom(entries, state.resumeFrom);
    for (const entry of row) {
      if (entry.kind === "chunk") inFiles.set(entry.place.file, (inFiles.get(entry.place.file) ?? 0) + 1);
    }
    for (const [index, open] of this.#files.entries()) open.inUse = inFiles.get(index) ?? 0;
    return { state, entries: row };
  }

  begin(state: () => JournalState): void {
    this.clear();
    attempt(() => this.#options.reserve.truncate(RESERVE_BYTES));
    this.#state = state;
    this.note();
  }

  resume(state: () => JournalState): void {
    this.#state = state;
    this.note();
  }

  clear(): void {
    this.#state = null;
    this.#hasRoom = true;
    for (const open of this.#files) this.#empty(open);
    attempt(() => this.#options.reserve.truncate(0));
  }

  chunk(message: Uint8Array): Place | null {
    return this.#append(KIND.chunk, message);
  }

  gap({ from, to, capturedFrom, capturedTo, reason }: StoredGap): Place | null {
    return this.#append(KIND.gap, encodeJson({ from, to, capturedFrom, capturedTo, reason }));
  }

  note(): void {
    if (!this.#state) return;
    this.#isStateDue = this.#write(KIND.state, encodeJson({ version: VERSION, ...this.#state() })) === null;
  }

  read({ file, at, bytes }: Place): Uint8Array<ArrayBuffer> {
    const body = new Uint8Array(bytes);
    const open = this.#files[file];
    if (this.#isClosed || !open || open.file.read(body, { at }) < bytes) {
      throw new Error("What was kept on this phone cannot be read any more.");
    }
    return body;
  }

  free(places: readonly Place[]): void {
    for (const { file } of places) {
      const open = this.#files[file];
      if (open) open.inUse--;
    }
    const emptied = this.#files.filter(
      (open, index) => index !== this.#current && open.inUse <= 0 && open.size > 0,
    );
    if (emptied.length === 0) return;
    // First: what is emptied may hold the only state that is older.
    this.note();
    if (this.#isStateDue) {
      attempt(() => this.#options.reserve.truncate(0));
      this.note();
    }
    if (this.#isStateDue) return;
    this.flush();
    for (const open of emptied) this.#empty(open);
    attempt(() => this.#options.reserve.truncate(RESERVE_BYTES));
  }

  flush(): void {
    const open = this.#files[this.#current];
    if (!this.#isClosed) attempt(() => open?.file.flush());
  }

  /** Empties every file and lets go of it. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const file of [...this.#files.map((open) => open.file), this.#options.reserve]) {
      attempt(() => file.truncate(0));
      attempt(() => file.close());
    }
  }

  #append(kind: number, body: Uint8Array): Place | null {
    const { fileBytes } = this.#options;
    const current = this.#files[this.#current];
    if (current && current.size >= fileBytes) this.#rotate();
    if (this.#isStateDue) this.note();
    if (this.#isStateDue) return null;
    const place = this.#write(kind, body);
    if (!place) return null;
    (this.#files[place.file] as OpenFile).inUse++;
    return place;
  }

  #rotate(): void {
    const index = this.#files.findIndex((open, at) => at !== this.#current && open.size === 0);
    if (index < 0) {
      void this.#openAnother();
      return;
    }
    this.flush();
    const before = this.#current;
    this.#current = index;
    this.note();
    if (this.#isStateDue) this.#current = before;
    else if (!this.#files.some((open, at) => at !== index && open.size === 0)) void this.#openAnother();
  }

  async #openAnother(): Promise<void> {
    if (this.#isOpening) return;
    this.#isOpening = true;
    const file = await this.#options.openFile().catch(() => null);
    this.#isOpening = false;
    if (!file) return;
    if (this.#isClosed) attempt(() => file.close());
    else this.#files.push({ file, size: 0, inUse: 0 });
  }

  #write(kind: number, body: Uint8Array): Place | null {
    const file = this.#current;
    const open = this.#files[file];
    if (!open || this.#isClosed) return null;
    const record = encodeRecord(this.#nextRecord, kind, body);
    const written = attempt(() => open.file.write(record, { at: open.size })) ?? 0;
    this.#hasRoom = written === record.byteLength;
    if (!this.#hasRoom) {
      // What was written of it would be dropped by a reader; the next record goes over it.
      attempt(() => open.file.truncate(open.size));
      return null;
    }
    const at = open.size + RECORD_HEADER_BYTES;
    this.#nextRecord++;
    open.size += record.byteLength;
    return { file, at, bytes: body.byteLength };
  }

  #empty(open: OpenFile): void {
    open.size = 0;
    open.inUse = 0;
    attempt(() => open.file.truncate(0));
  }
}

/** @returns undefined where the file refuses. */
function attempt<T>(task: () => T): T | undefined {
  try {
    return task();
  } catch {
    return undefined;
  }
}

function encodeJson(value: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function parseState(body: Uint8Array): JournalState | null {
  const { version, ...state } = JSON.parse(new TextDecoder().decode(body)) as JournalState & {
    version: number;
  };
  return version === VERSION ? state : null;
}

function parseGap(body: Uint8Array): StoredGap {
  return { kind: "gap", ...(JSON.parse(new TextDecoder().decode(body)) as Omit<StoredGap, "kind">) };
}

function addChunk(entries: Map<number, StoredChunk | StoredGap>, message: Uint8Array, place: Place): void {
  try {
    const { seq, segment, capturedFrom, capturedTo } = decodeChunk(message).header;
    entries.set(seq, { kind: "chunk", seq, segment, capturedFrom, capturedTo, place });
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
  }
}

/** What follows on `from` without a hole. */
function rowFrom(entries: Map<number, StoredChunk | StoredGap>, from: number): (StoredChunk | StoredGap)[] {
  const row: (StoredChunk | StoredGap)[] = [];
  for (let seq = from; ; ) {
    const entry = entries.get(seq);
    if (!entry) return row;
    row.push(entry);
    seq = (entry.kind === "chunk" ? entry.seq : entry.to) + 1;
  }
}
