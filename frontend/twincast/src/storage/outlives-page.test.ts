/** A sender, its journal and a backend under random schedules, with pages that are killed at any byte of a write. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Clock } from "../clock";
import { FakeClock } from "../testing/fake-clock";
import { type JournalState, type Place, type StreamLimits, StreamSender } from "../transport";
import { FakeBackend } from "../transport/testing/fake-backend";
import { FakeNetwork } from "../transport/testing/fake-network";
import { resumeFrom, spillTo } from "./spill";
import { StreamJournal } from "./stream-journal";
import { FakeDisk } from "./testing/fake-disk";

const CHUNK_MS = 100;
const SESSION = "3f2b8c1e-9d4a-4c6f-8e21-5a7b90c1d2e3";
const LIMITS: StreamLimits = {
  outbox: { maxBytes: 40_000, maxMs: 6_000 },
  stored: { maxBytes: 120_000, maxMs: 40_000 },
  skip: { maxBehindMs: 8_000, maxCatchUpMs: 20_000 },
  firstRetryTimeoutMs: 3_000,
};
const FILE_BYTES = 20_000;

/** A journal that says which seqs it holds. */
class WatchedJournal extends StreamJournal {
  readonly stored = new Set<number>();
  override chunk(message: Uint8Array): Place | null {
    const place = super.chunk(message);
    if (place) this.stored.add(new DataView(message.buffer, message.byteOffset).getUint32(4));
    return place;
  }
  override begin(state: () => JournalState): void {
    this.stored.clear();
    super.begin(state);
  }
  override clear(): void {
    this.stored.clear();
    super.clear();
  }
}

function world() {
  const time = new FakeClock();
  const backend = new FakeBackend(time.now);
  const disk = new FakeDisk();
  /** What each seq held. */
  const recorded = new Map<number, number>();
  let produced = 0;

  const open = (isFirst: boolean) => {
    const files = isFirst ? [disk.create(), disk.create()] : disk.reopen();
    const journal = new WatchedJournal({
      files,
      openFile: async () => disk.create(),
      fileBytes: FILE_BYTES,
      reserve: disk.reserve,
    });
    const network = new FakeNetwork(time, backend);
    let isAlive = true;
    const clock: Clock = {
      now: time.now,
      after: (delayMs, task) => time.after(delayMs, () => isAlive && task()),
    };
    /** None of its timers and events reach anything any more. */
    const die = () => {
      isAlive = false;
      disk.isKilled = true;
      network.state = "black-hole";
    };
    disk.onKill = die;
    const stored = isFirst ? null : journal.load();
    let wanted = false;
    const sender = new StreamSender({
      url: "wss://backend.test/ws/video",
      session: SESSION,
      openSocket: network.openSocket,
      clock,
      random: () => 0.5,
      limits: LIMITS,
      ...(stored && { restores: { stored, keep: resumeFrom(journal) } }),
      onNumbered: ({ seq, bytes }) => recorded.set(seq, bytes === 0 ? -1 : produced),
      onSegmentWanted: () => {
        wanted = true;
      },
      onGap: () => {},
      onStatus: () => {},
    });
    const produce = (bytes: number) => {
      if (wanted) {
        wanted = false;
        sender.closeSegment();
        sender.openSegment({ mimeType: "video/webm;codecs=vp8", startedAt: time.now() });
      }
      const at = time.now();
      const payload = new Uint8Array(Math.max(4, bytes));
      new DataView(payload.buffer).setUint32(0, ++produced);
      sender.push({ payload, capturedFrom: at - CHUNK_MS, capturedTo: at, keyFrame: false });
    };
    if (isFirst) {
      sender.attachKeeper(spillTo(journal, Number.POSITIVE_INFINITY));
      sender.openSegment({ mimeType: "video/webm;codecs=vp8", startedAt: time.now() });
    }
    sender.start();
    return { journal, network, sender, produce, stored, die };
  };

  /** Every seq once, in order, in a chunk with what was recorded under it or in one gap. */
  const checkAccount = () => {
    expect(backend.complaints).toEqual([]);
    const spans = [
      ...backend.taken.map(({ header }) => ({ from: header.seq, to: header.seq })),
      ...backend.gaps,
    ].toSorted((a, b) => a.from - b.from);
    let next = 0;
    for (const { from, to } of spans) {
      expect(from).toBe(next);
      next = to + 1;
    }
    for (const { header, payload } of backend.taken) {
      const held = payload.length === 0 ? -1 : new DataView(payload.slice().buffer).getUint32(0);
      expect(held).toBe(recorded.get(header.seq));
    }
    return next;
  };
  return { time, backend, disk, open, checkAccount };
}

const network = fc.constantFrom(
  "healthy" as const,
  "healthy" as const,
  "black-hole" as const,
  "refusing" as const,
);
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("record" as const),
      chunks: fc.nat(80),
      bytes: fc.nat(3_000),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("network" as const), network }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cut" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("exposed" as const), isExposed: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("muted" as const), muted: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("quota" as const), bytes: fc.nat(200_000) }) },
);

describe("what outlives its page", () => {
  it("is a prefix-exact, gap-exact account, wherever the page is killed", async () => {
    const seen: { restored: number; gaps: number }[] = [];
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 20 }),
        fc.nat(600_000),
        fc.array(fc.nat(4_000), { maxLength: 2 }),
        async (steps, killAfterBytes, laterKills) => {
          const { time, backend, disk, open, checkAccount } = world();
          let page = open(true);
          disk.killAfterBytes = killAfterBytes;
          const advance = async (ms: number) => {
            time.advanceSync(ms);
            // Files are opened in their own time.
            await Promise.resolve();
          };
          const live = async (run: () => Promise<void>) => {
            try {
              await run();
            } catch (error) {
              if (!disk.isKilled) throw error;
            }
          };
          await live(async () => {
            for (const one of steps) {
              if (disk.isKilled) return;
              if (one.kind === "record")
                for (let nth = 0; nth < one.chunks && !disk.isKilled; nth++) {
                  await advance(CHUNK_MS);
                  page.produce(one.bytes);
                }
              else if (one.kind === "network") page.network.state = one.network;
              else if (one.kind === "cut") page.network.cut();
              else if (one.kind === "exposed") page.sender.network(one.isExposed ? "hidden" : "visible");
              else if (one.kind === "muted") page.sender.setMuted(one.muted);
              else disk.quotaBytes = one.bytes;
            }
          });
          const mustArrive = new Set(page.journal.stored);
          page.die();
          disk.quotaBytes = Number.POSITIVE_INFINITY;
          for (const kill of [...laterKills, Number.POSITIVE_INFINITY]) {
            time.advanceSync(1_000);
            disk.reopen();
            disk.killAfterBytes = kill;
            page = open(false);
            disk.killAfterBytes = kill;
            if (!page.stored) break;
            await live(() => advance(60_000));
            if (!disk.isKilled) break;
            page.die();
          }
          const next = checkAccount();
          const delivered = new Set(backend.taken.map(({ header }) => header.seq));
          const inGaps = (seq: number) => backend.gaps.some(({ from, to }) => from <= seq && seq <= to);
          if (page.stored) expect(page.sender.status.delivery).toMatchObject({ kind: "ended" });
          // Where there was no room for some, what came after them has nothing to stand on.
          const hadRoom = steps.every(({ kind }) => kind !== "quota");
          for (const seq of mustArrive)
            if (hadRoom || seq < next) expect(delivered.has(seq) || inGaps(seq)).toBe(true);
          seen.push({ restored: page.stored?.entries.length ?? 0, gaps: backend.gaps.length });
        },
      ),
      { numRuns: 300 },
    );
    // The schedules reach what they are for.
    expect(seen.filter(({ restored }) => restored > 0).length).toBeGreaterThan(10);
    expect(seen.filter(({ gaps }) => gaps > 0).length).toBeGreaterThan(0);
  });
});
