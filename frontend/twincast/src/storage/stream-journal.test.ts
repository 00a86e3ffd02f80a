import { beforeEach, describe, expect, it } from "vitest";
import { encodeChunk } from "../protocol/frames";
import type { JournalState, Place, StoredStream } from "../transport";
import { encodeRecord, scanRecords } from "./record-log";
import { StreamJournal } from "./stream-journal";
import { FakeDisk } from "./testing/fake-disk";

const STATE: JournalState = {
  resumeFrom: 3,
  segments: [[0, { mimeType: "audio/webm;codecs=opus", startedAt: 1 }]],
  ranges: [],
  lastRangeIsOpen: false,
  gaps: [],
  chunks: 3,
  bytes: 300,
  firstConnection: 0,
  startedAt: 1_000,
  muted: false,
};

function chunk(seq: number, bytes = 100): Uint8Array<ArrayBuffer> {
  const header = { segment: 0, seq, first: false, last: false, keyFrame: false };
  return encodeChunk(
    { ...header, capturedFrom: seq * 100, capturedTo: seq * 100 + 100 },
    new Uint8Array(bytes).fill(seq),
  );
}

describe("a journal", () => {
  let disk: FakeDisk;
  let journal: StreamJournal;
  const open = (files: ReturnType<FakeDisk["reopen"]>) =>
    new StreamJournal({
      files,
      openFile: async () => disk.create(),
      fileBytes: 1_000,
      reserve: disk.reserve,
    });
  const reload = (): StoredStream | null => open(disk.reopen()).load();
  const seqs = (stored: StoredStream | null) =>
    stored?.entries.map((entry) => (entry.kind === "chunk" ? entry.seq : [entry.from, entry.to]));

  beforeEach(() => {
    disk = new FakeDisk();
    journal = open([disk.create(), disk.create()]);
    journal.begin(() => STATE);
  });

  it("gives another page the state and what follows on it", () => {
    for (const seq of [3, 4, 5]) journal.chunk(chunk(seq));
    journal.gap({ kind: "gap", from: 6, to: 9, capturedFrom: 600, capturedTo: 1_000, reason: "outbox-full" });
    journal.chunk(chunk(10));
    const stored = reload();
    expect(stored?.state).toEqual(STATE);
    expect(seqs(stored)).toEqual([3, 4, 5, [6, 9], 10]);
  });

  it("puts a gap in the place of chunks that were stored before", () => {
    for (const seq of [3, 4, 5, 6]) journal.chunk(chunk(seq));
    journal.gap({ kind: "gap", from: 4, to: 5, capturedFrom: 400, capturedTo: 600, reason: "outbox-full" });
    expect(seqs(reload())).toEqual([3, [4, 5], 6]);
  });

  it("drops what does not check, and all that comes after it", () => {
    const places = [3, 4, 5].map((seq) => journal.chunk(chunk(seq)));
    const at = (places[1]?.at ?? 0) + 30;
    const [file] = disk.reopen();
    file?.write(new Uint8Array([0xff]), { at });
    expect(seqs(reload())).toEqual([3]);
  });

  it("finds nothing in files without a state that checks", () => {
    const [file] = disk.reopen();
    file?.write(new Uint8Array([0xff]), { at: 14 });
    expect(reload()).toBeNull();
  });

  it("writes into a file again once nobody needs what it held, and does not grow with what was freed", async () => {
    let seq = 3;
    let resumeFrom = 3;
    journal.begin(() => ({ ...STATE, resumeFrom }));
    for (; seq < 300; seq++) {
      const place = journal.chunk(chunk(seq));
      await Promise.resolve();
      resumeFrom = seq + 1;
      if (place) journal.free([place]);
    }
    expect(journal.sizeBytes).toBeLessThan(5_000);
    expect(reload()?.state.resumeFrom).toBeGreaterThan(290);
  });

  it("empties files where there is no room for anything else", () => {
    const places: Place[] = [];
    let resumeFrom = 3;
    journal.begin(() => ({ ...STATE, resumeFrom }));
    for (let seq = 3; seq < 40; seq++) {
      // No room for more than what is there.
      if (seq === 15) disk.quotaBytes = disk.usedBytes;
      const place = journal.chunk(chunk(seq));
      if (place) places.push(place);
    }
    expect(journal.hasRoom).toBe(false);
    const before = disk.usedBytes;
    resumeFrom = 12;
    journal.free(places.slice(0, 9));
    expect(disk.usedBytes).toBeLessThan(before);
    expect(reload()?.state.resumeFrom).toBe(12);
    expect(journal.chunk(chunk(15))).not.toBeNull();
  });

  it("reads a chunk back as it went in, from whatever file it lies in", async () => {
    const kept: { readonly seq: number; readonly place: Place | null }[] = [];
    for (let seq = 3; seq < 60; seq++) {
      kept.push({ seq, place: journal.chunk(chunk(seq)) });
      await Promise.resolve();
    }
    for (const { seq, place } of kept) expect(place && journal.read(place)).toEqual(chunk(seq));
    expect(new Set(kept.map(({ place }) => place?.file)).size).toBeGreaterThan(2);
    journal.close();
    expect(() => kept[0]?.place && journal.read(kept[0].place)).toThrow("cannot be read");
    expect(reload()).toBeNull();
  });
});

describe("records", () => {
  it("end where a write was torn, at whichever byte", () => {
    const records = [encodeRecord(7, 1, new Uint8Array(20)), encodeRecord(8, 2, new Uint8Array([1, 2, 3]))];
    const whole = records.reduce((sum, { length }) => sum + length, 0);
    for (let size = 0; size <= whole; size++) {
      const disk = new FakeDisk();
      const file = disk.create();
      let at = 0;
      for (const record of records) {
        file.write(record, { at });
        at += record.length;
      }
      file.truncate(size);
      const found = [...scanRecords(file)].map(({ number }) => number);
      expect(found).toEqual(size === whole ? [7, 8] : size >= 33 ? [7] : []);
    }
  });
});
