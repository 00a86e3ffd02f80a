import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FakeClock } from "../testing/fake-clock";
import type { Continuation } from "./continuation";
import { DEFAULT_LIMITS, type StreamLimits } from "./limits";
import { type SenderStatus, StreamSender } from "./stream-sender";
import { FakeBackend } from "./testing/fake-backend";
import { FakeNetwork } from "./testing/fake-network";

const ROOMY: StreamLimits = {
  outbox: { maxBytes: 50_000_000, maxMs: 600_000 },
  stored: { maxBytes: 200_000_000, maxMs: 1_200_000 },
  skip: { maxBehindMs: 8_000, maxCatchUpMs: 20_000 },
  firstRetryTimeoutMs: 3_000,
};
const CHUNK_MS = 100;

/** A phone that records: a chunk each 100 ms, and a new segment whenever the sender wants one. */
function phone({
  limits = ROOMY,
  chunkBytes = 2_000,
  token = undefined as string | undefined,
  continues = undefined as Continuation | undefined,
} = {}) {
  const time = new FakeClock();
  const backend = new FakeBackend(time.now);
  const network = new FakeNetwork(time, backend);
  const reasons: string[] = [];
  /** How often another token was wanted, and what comes of it. */
  const tokens = { wanted: 0, give: (_sender: StreamSender) => {} };
  let wanted = false;
  let produced = 0;
  let capturedUntil = 0;
  let status: SenderStatus | undefined;
  /** The seqs that were told when chunks were numbered, moved where that was told as well. */
  let numbered: number[] = [];
  const sender: StreamSender = new StreamSender({
    url: "wss://backend.test/ws/video",
    session: "3f2b8c1e-9d4a-4c6f-8e21-5a7b90c1d2e3",
    openSocket: network.openSocket,
    clock: time,
    random: () => 0.5,
    limits,
    ...(continues && { continues }),
    ...(token !== undefined && {
      token,
      onTokenWanted: () => {
        tokens.wanted++;
        tokens.give(sender);
      },
    }),
    onSegmentWanted: (reason) => {
      reasons.push(reason);
      wanted = true;
    },
    onNumbered: ({ seq }) => numbered.push(seq),
    onRenumbered: ({ from, by }) => {
      numbered = numbered.map((seq) => (seq >= from ? seq + by : seq));
    },
    onGap: () => {},
    onStatus: (next) => {
      status = next;
    },
  });
  const openSegment = () => sender.openSegment({ mimeType: "video/webm;codecs=vp8", startedAt: time.now() });
  const produce = (bytes = chunkBytes) => {
    if (wanted) {
      wanted = false;
      sender.closeSegment();
      openSegment();
    }
    const capturedTo = time.now();
    const capturedFrom = Math.max(capturedUntil, capturedTo - CHUNK_MS);
    capturedUntil = capturedTo;
    const payload = new Uint8Array(bytes).fill(produced++ % 251);
    sender.push({ payload, capturedFrom, capturedTo, keyFrame: false });
  };
  const record = (seconds: number) => {
    for (let ms = 0; ms < seconds * 1_000; ms += CHUNK_MS) {
      time.advanceSync(CHUNK_MS);
      produce();
    }
  };
  if (!continues) openSegment();
  sender.start();
  return {
    openSegment,
    time,
    backend,
    network,
    sender,
    reasons,
    tokens,
    produce,
    record,
    get numbered() {
      return numbered;
    },
    get status() {
      return status ?? sender.status;
    },
    /** Stops recording and waits until the backend has verified the whole. */
    finish() {
      sender.finish();
      time.advanceSync(60_000);
      return sender.status;
    },
  };
}

const seqs = (backend: FakeBackend) => backend.taken.map(({ header }) => header.seq);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

describe("on a good network", () => {
  it("delivers every chunk once, in order, and has the whole verified", () => {
    const { backend, record, finish } = phone();
    record(10);
    const { delivery } = finish();
    expect(seqs(backend)).toEqual(upTo(101));
    expect(backend.taken.at(-1)?.header.last).toBe(true);
    expect(delivery).toMatchObject({
      kind: "ended",
      result: { verified: true, chunks: 101, bytes: 200_000 },
    });
    expect(backend.complaints).toEqual([]);
  });

  it("counts as arrived only what the backend acknowledged", () => {
    const { backend, record, status } = phone();
    backend.stuck = true;
    record(2);
    expect(status.chunks).toBe(0);
    expect(status.bytes).toBe(0);
  });

  it("tells the backend the offset of its clock with the first answer, not two seconds later", () => {
    const { backend, time } = phone();
    time.advanceSync(500);
    expect(backend.pings.some(({ offsetMs }) => offsetMs !== undefined)).toBe(true);
  });

  it("states the delay from capture to the backend's handler", () => {
    const { record, sender } = phone();
    record(5);
    expect(sender.status.rttMs).toBeCloseTo(40);
    expect(sender.status.offsetMs).toBeCloseTo(0);
    expect(sender.status.delays?.medianMs).toBeCloseTo(CHUNK_MS + 20);
  });

  it("knows how many watch, for as long as the connection that said so lasts", () => {
    const { backend, sender, network, time } = phone();
    time.advanceSync(500);
    expect(sender.status.viewers).toBe(0);
    backend.watchBy(2);
    time.advanceSync(500);
    expect(sender.status.viewers).toBe(2);
    network.cut();
    time.advanceSync(500);
    expect(sender.status.viewers).toBe(0);
    expect(sender.status.delivery.kind).toBe("live");
  });

  it("splits what a recorder hands over at once into chunks that any backend takes", () => {
    const { backend, produce, finish, time } = phone();
    time.advanceSync(200);
    produce(5_000_000);
    finish();
    expect(Math.max(...backend.taken.map(({ payload }) => payload.byteLength))).toBeLessThanOrEqual(65_536);
    expect(backend.taken.reduce((sum, { payload }) => sum + payload.byteLength, 0)).toBe(5_000_000);
    const times = backend.taken.flatMap(({ header }) => [header.capturedFrom, header.capturedTo]);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it("tells a muted microphone, again after a reconnect", () => {
    const { backend, network, sender, record } = phone();
    record(1);
    sender.setMuted(true);
    record(1);
    network.cut();
    record(1);
    expect(backend.mutes).toEqual([true, true]);
  });

  it("ends a stream that had no chunk", () => {
    const { sender, time } = phone();
    time.advanceSync(1_000);
    sender.finish();
    time.advanceSync(1_000);
    expect(sender.status.delivery.kind).toBe("ended");
  });
});

describe("through a cut", () => {
  it("resumes where the backend stands and loses nothing", () => {
    const { backend, network, record, finish } = phone();
    record(3);
    network.cut();
    record(3);
    const { delivery, reconnects } = finish();
    expect(seqs(backend)).toEqual(upTo(61));
    expect(delivery).toMatchObject({ kind: "ended", result: { verified: true } });
    expect(reconnects).toBe(1);
    expect(backend.complaints).toEqual([]);
  });

  it("leaves a silent path without waiting for a close", () => {
    const { backend, network, record, finish } = phone();
    record(3);
    network.state = "black-hole";
    record(20);
    network.state = "healthy";
    const before = backend.taken.length;
    record(1.2);
    expect(backend.taken.length).toBeGreaterThan(before);
    finish();
    expect(seqs(backend)).toEqual(upTo(backend.taken.length));
    expect(backend.complaints).toEqual([]);
  });

  /** How long the backend waits for the next chunk after black holes of growing length, ms, sorted. */
  function waitsMs({ firstHoleMs, throttles }: { firstHoleMs: number; throttles: boolean }): number[] {
    return Array.from({ length: 100 }, (_, index) => {
      const { backend, network, record, time, produce } = phone();
      network.throttles = throttles;
      record(3);
      network.state = "black-hole";
      record(2);
      time.advanceSync(firstHoleMs - 2_000 + index * 617);
      network.state = "healthy";
      const before = backend.taken.length;
      let waitedMs = 0;
      while (backend.taken.length === before && waitedMs < 60_000) {
        time.advanceSync(20);
        waitedMs += 20;
        if (waitedMs % CHUNK_MS === 0) produce();
      }
      return waitedMs;
    }).sort((a, b) => a - b);
  }

  it("streams again soon after a path's return, when it is the only stream", () => {
    // Alone it sends a SYN at 0, 1, 3 s of each attempt; a second stream's attempts fall between.
    const waits = waitsMs({ firstHoleMs: 2_000, throttles: false });
    expect(waits[49]).toBeLessThanOrEqual(1_000);
    expect(waits.at(-1)).toBeLessThanOrEqual(3_100);
  });

  it("finds a path that was gone for minutes, though the browser holds new sockets back by then", () => {
    const waits = waitsMs({ firstHoleMs: 120_000, throttles: true });
    expect(waits[49]).toBeLessThanOrEqual(3_000);
    expect(waits.at(-1)).toBeLessThanOrEqual(8_000);
  });

  it("tries at once when the browser says it is online, and drops at once when it says offline", () => {
    const { network, sender, record, time } = phone();
    record(1);
    network.state = "refusing";
    sender.network("offline");
    expect(sender.status.delivery).toEqual({ kind: "offline" });
    time.advanceSync(3_000);
    network.state = "healthy";
    sender.network("online");
    time.advanceSync(100);
    expect(sender.status.delivery).toEqual({ kind: "live" });
  });

  it("backs off, with jitter, from a backend that refuses", () => {
    const { network, record } = phone();
    record(1);
    network.state = "refusing";
    network.cut();
    record(60);
    expect(network.attempts).toBeGreaterThan(15);
    expect(network.attempts).toBeLessThan(40);
  });

  it("does not take a page that slept for a dead path", () => {
    const { network, time, record } = phone();
    record(2);
    time.sleep(60_000);
    record(2);
    expect(network.attempts).toBe(1);
  });

  it("keeps a connection whose sink is slow but which answers", () => {
    const { backend, network, sender, record } = phone();
    record(1);
    backend.stuck = true;
    record(20);
    expect(network.attempts).toBe(1);
    expect(sender.status.delivery).toEqual({ kind: "live" });
  });

  it("gets through an uplink that is slower than its first chunk", () => {
    const { backend, network, time, produce, sender } = phone({ chunkBytes: 60_000 });
    time.advanceSync(500);
    network.uplinkBytesPerSecond = 8_000;
    produce();
    time.advanceSync(120_000);
    expect(backend.taken.length).toBe(1);
    expect(sender.status.delivery.kind).toBe("live");
  });
});

describe("in place of a sender that was lost", () => {
  /** The other one had three chunks on their way, of 100 ms each. */
  const successor = (acknowledged: number, arrived: number, lastRangeIsOpen = false) => {
    const at = new FakeClock().now();
    const made = phone({
      continues: {
        resumeFrom: acknowledged,
        firstConnection: 100,
        acknowledgedTo: acknowledged > 0 ? at + acknowledged * CHUNK_MS : null,
        numbered: [0, 1, 2].map((n) => ({
          seq: acknowledged + n,
          firstSeq: acknowledged + n,
          segment: 0,
          capturedFrom: at + (acknowledged + n) * CHUNK_MS,
          capturedTo: at + (acknowledged + n + 1) * CHUNK_MS,
          bytes: 2_000,
        })),
        nextSegment: 1,
        ranges: [],
        lastRangeIsOpen,
        gaps: [],
        chunks: acknowledged,
        bytes: acknowledged * 2_000,
      },
    });
    made.backend.expectFrom(arrived);
    return made;
  };

  it.each([500, 0])("tells no gap where everything arrived, also when it stops after %s ms", (afterMs) => {
    const { sender, time, backend } = successor(5, 8);
    time.advanceSync(afterMs);
    sender.finish();
    time.advanceSync(5_000);
    expect(sender.status).toMatchObject({ delivery: { kind: "ended" }, chunks: 8, gaps: [] });
    expect(backend.gaps).toEqual([]);
    expect(backend.hellos.map(({ connection }) => connection)).toEqual([100]);
    // Nobody has their payloads any more: that is no difference.
    const { delivery } = sender.status;
    const ranges = delivery.kind === "ended" ? delivery.result.ranges : [];
    expect(ranges.map(({ state }) => state)).toEqual(["unknown"]);
  });

  it("says where what it numbered before the backend answered lies", () => {
    const made = successor(5, 8);
    made.openSegment();
    made.produce();
    expect(made.numbered).toEqual([8]);
    made.time.advanceSync(500);
    made.produce();
    made.finish();
    expect(made.numbered).toEqual(seqs(made.backend));
    expect(made.numbered[0]).toBe(9);
  });

  it.each([true, false])("knows of a range that goes on until it is told how far: %s", (lastRangeIsOpen) => {
    const { sender, time } = successor(5, 5, lastRangeIsOpen);
    expect(sender.record.lastRangeIsOpen).toBe(lastRangeIsOpen);
    time.advanceSync(500);
    expect(sender.record.lastRangeIsOpen).toBe(false);
  });

  it("tells as a gap what was recorded until Stop and never came", () => {
    const { sender, time, backend } = successor(5, 8);
    const recordedTo = new FakeClock().now() + 8 * CHUNK_MS + 40;
    time.advanceSync(500);
    sender.finish(recordedTo);
    time.advanceSync(5_000);
    expect(backend.gaps).toMatchObject([{ from: 8, to: 8, ms: 40, reason: "worker-lost" }]);
    expect(sender.status.delivery.kind).toBe("ended");
  });

  it("tells how long what was lost is where nothing was acknowledged before, and where nothing comes after", () => {
    const { sender, time, backend } = successor(0, 0);
    time.advanceSync(500);
    sender.finish();
    time.advanceSync(5_000);
    expect(backend.gaps).toMatchObject([{ from: 0, to: 2, ms: 3 * CHUNK_MS, reason: "worker-lost" }]);
    expect(sender.status.delivery.kind).toBe("ended");
  });

  it("tells the gap when its length is known, and not when the next segment opens", () => {
    const { sender, time, backend, openSegment, produce } = successor(5, 6);
    time.advanceSync(1_000);
    openSegment();
    time.advanceSync(1_000);
    expect(backend.gaps).toEqual([]);
    produce();
    time.advanceSync(500);
    expect(backend.gaps).toMatchObject([
      { from: 6, to: 7, ms: 2_000 - CHUNK_MS - 600, reason: "worker-lost" },
    ]);
    sender.finish();
    time.advanceSync(5_000);
    expect(sender.status.delivery.kind).toBe("ended");
    expect(backend.complaints).toEqual([]);
  });
});

it("takes nothing that comes after Stop", () => {
  const { sender, record, produce, time, backend } = phone();
  record(1);
  sender.finish();
  const last = sender.record.resumeFrom + sender.status.keptChunks;
  produce();
  time.advanceSync(5_000);
  expect(backend.taken).toHaveLength(last);
  expect(sender.status.delivery).toMatchObject({ kind: "ended", result: { verified: true } });
});

describe("between `end` and `ended`", () => {
  /** Everything is acknowledged, `end` is on its way, and its answer is not there yet. */
  const ending = (ms = 0) => {
    const made = phone();
    made.record(2);
    made.time.advanceSync(ms + 200);
    made.sender.finish();
    while (!made.backend.texts.some((text) => text.includes('"end"'))) made.time.advanceSync(1);
    expect(made.sender.status.delivery.kind).toBe("live");
    return made;
  };

  it("says `end` again after a cut", () => {
    const { network, sender, backend, time } = ending();
    network.cut();
    time.advanceSync(10_000);
    expect(sender.status.delivery).toMatchObject({ kind: "ended", result: { verified: true } });
    expect(backend.texts.filter((text) => text.includes('"end"'))).toHaveLength(2);
  });

  it("finds a path that died as soon as where a chunk waits for its acknowledgement", () => {
    for (let phaseMs = 0; phaseMs < 2_000; phaseMs += 200) {
      const { network, time } = ending(phaseMs);
      network.state = "black-hole";
      time.advanceSync(3_000);
      expect(network.attempts, `${phaseMs} ms into a ping's interval`).toBe(2);
    }
  });
});

describe("when the backend restarts", () => {
  it("goes on from what was acknowledged, in a new segment", () => {
    const { backend, network, record, finish, reasons } = phone();
    record(3);
    backend.restart();
    network.cut(1012);
    record(3);
    const { delivery } = finish();
    expect(reasons).toEqual(["backend-restarted"]);
    expect(backend.segments.map(({ segment }) => segment)).toEqual([0, 0, 1]);
    expect(delivery.kind === "ended" && delivery.result.ranges.map(({ state }) => state)).toEqual([
      "unknown",
      "verified",
      "verified",
    ]);
    expect(backend.complaints).toEqual([]);
  });
});

describe("when the outbox is full", () => {
  const limits: StreamLimits = { ...ROOMY, outbox: { maxBytes: 100_000, maxMs: 600_000 } };

  it("reports one exact gap, and what follows is a new segment", () => {
    const { backend, network, record, finish } = phone({ limits });
    record(3);
    network.state = "refusing";
    network.cut();
    record(20);
    network.state = "healthy";
    record(3);
    const { gaps } = finish();
    expect(backend.gaps).toEqual(gaps);
    const covered = [
      ...seqs(backend),
      ...gaps.flatMap(({ from, to }) => upTo(to + 1).filter((seq) => seq >= from)),
    ].sort((a, b) => a - b);
    expect(covered).toEqual(upTo(covered.length));
    for (const { from, to, ms, reason } of gaps) {
      expect(ms).toBe((to - from + 1) * CHUNK_MS);
      expect(reason).toBe("outbox-full");
      const after = backend.taken.find(({ header }) => header.seq > to);
      expect(after?.header.first).toBe(true);
    }
    expect(backend.complaints).toEqual([]);
  });

  it("never keeps more than its bound", () => {
    const { network, record, sender } = phone({ limits });
    network.state = "refusing";
    network.cut();
    for (let second = 0; second < 30; second++) {
      record(1);
      expect(sender.status.keptBytes).toBeLessThanOrEqual(100_000);
    }
  });
});

describe("through an outage longer than what is kept", () => {
  it.each([179, 181, 200, 400])("of %i s keeps all but the oldest few seconds of it", (seconds) => {
    const { backend, network, record, finish } = phone({ limits: DEFAULT_LIMITS.video });
    record(3);
    network.state = "refusing";
    network.cut();
    record(seconds);
    network.state = "healthy";
    record(3);
    const { gaps, delivery } = finish();
    const lostMs = gaps.reduce((sum, { ms }) => sum + ms, 0);
    const tooMuchMs = Math.max(0, seconds * 1_000 - DEFAULT_LIMITS.video.outbox.maxMs);
    expect(gaps.length).toBe(tooMuchMs > 0 ? 1 : 0);
    expect(lostMs).toBeGreaterThanOrEqual(tooMuchMs);
    expect(lostMs).toBeLessThanOrEqual(tooMuchMs === 0 ? 0 : tooMuchMs + 6_000);
    expect(backend.gaps).toEqual(gaps);
    // What is there after the gap decodes, and all of it is there.
    const after = backend.taken.filter(({ header }) => header.seq > (gaps[0]?.to ?? -1));
    expect(after[0]?.header.first).toBe(true);
    expect(after.map(({ header }) => header.seq)).toEqual(
      upTo(after.length).map((i) => i + (after[0]?.header.seq ?? 0)),
    );
    expect(delivery).toMatchObject({ kind: "ended", result: { verified: true } });
    expect(backend.complaints).toEqual([]);
  });

  it("asks for segments while there is no connection, and for none before and after", () => {
    const { network, record, reasons } = phone();
    record(20);
    expect(reasons).toEqual([]);
    network.state = "refusing";
    network.cut();
    record(20);
    expect(reasons.every((reason) => reason === "outage")).toBe(true);
    expect([3, 4]).toContain(reasons.length);
    const before = reasons.length;
    network.state = "healthy";
    record(20);
    // The last may have been asked for just before the path came back.
    expect(reasons.length - before).toBeLessThanOrEqual(1);
  });

  it("asks a stream for none that the backend refused for good", () => {
    const { network, record, reasons } = phone();
    record(1);
    network.cut(4403);
    record(60);
    expect(reasons).toEqual([]);
  });
});

describe("what it tells of the path", () => {
  it.each([20, 300, 600])("is that nothing is late on a clear one of %i ms", (roundTripMs) => {
    const { network, record, sender } = phone();
    network.latencyMs = roundTripMs / 2;
    record(10);
    for (let i = 0; i < 20; i++) {
      record(0.1);
      const { lateMs, openForMs, ackedBytes, producedBytes } = sender.status.path;
      expect(lateMs).toBe(0);
      expect(openForMs).toBeGreaterThan(7_000);
      expect(producedBytes - ackedBytes).toBeLessThan(20_000);
    }
  });

  it("is how late the oldest chunk is, beyond what the path needs", () => {
    const { network, record, sender } = phone();
    record(5);
    network.uplinkBytesPerSecond = 10_000;
    record(4);
    const { path, behindMs } = sender.status;
    expect(path.lateMs).toBeGreaterThan(1_500);
    expect(path.lateMs).toBe(behindMs - path.wayMs - CHUNK_MS);
  });

  it("is nothing while there is no connection, and silence when no acknowledgement comes", () => {
    const { backend, network, record, sender } = phone();
    record(5);
    backend.stuck = true;
    record(3);
    expect(sender.status.path.silentMs).toBeGreaterThan(2_500);
    backend.stuck = false;
    network.state = "refusing";
    network.cut();
    record(1);
    expect(sender.status.path.openForMs).toBeNull();
  });
});

it("waits for a large chunk on a slow path as long as the chunk takes, and not for a dead one", () => {
  const { network, time, record, produce } = phone();
  network.uplinkBytesPerSecond = 6_000;
  time.advanceSync(1_000);
  produce(40_000);
  time.advanceSync(8_000);
  expect(network.attempts).toBe(1);
  network.uplinkBytesPerSecond = null;
  record(10);
  network.state = "black-hole";
  record(3.5);
  expect(network.attempts).toBeGreaterThan(1);
});

it("skips ahead when the uplink is too slow to catch up, and says exactly what it skipped", () => {
  const { backend, network, record, finish } = phone({ chunkBytes: 20_000 });
  record(2);
  network.uplinkBytesPerSecond = 100_000;
  record(40);
  network.uplinkBytesPerSecond = null;
  record(5);
  const { gaps } = finish();
  expect(gaps.length).toBeGreaterThan(0);
  expect(gaps.every(({ reason }) => reason === "too-far-behind")).toBe(true);
  // Bytes that are on their way stay late after a skip; they are no reason to skip what came since.
  for (const { ms } of gaps) expect(ms).toBeGreaterThan(2_000);
  expect(backend.gaps).toEqual(gaps);
  expect(backend.complaints).toEqual([]);
});

it.each([4413, 1009] as const)("does not send a chunk for ever that is refused with %i", (closeCode) => {
  const { backend, record, finish } = phone();
  backend.refuse.set(12, closeCode);
  record(5);
  const { gaps, delivery } = finish();
  expect(gaps[0]).toMatchObject({ from: 12, reason: "too-large" });
  expect(backend.gaps).toEqual(gaps);
  expect(delivery).toMatchObject({ kind: "ended", result: { verified: true } });
  expect(backend.complaints).toEqual([]);
});

it.each([4413, 1009] as const)(
  "backs off when every chunk is refused with %i, and goes on when it ends",
  (closeCode) => {
    const { backend, network, record, finish } = phone();
    backend.refuseAll = closeCode;
    record(60);
    expect(network.attempts).toBeLessThan(40);
    expect(backend.taken).toEqual([]);
    backend.refuseAll = null;
    record(10);
    const { gaps, delivery } = finish();
    expect(gaps.length).toBeLessThan(40);
    expect(gaps.every(({ reason }) => reason === "too-large")).toBe(true);
    expect(backend.gaps).toEqual(gaps);
    expect(backend.taken.length).toBeGreaterThan(40);
    expect(delivery).toMatchObject({ kind: "ended", result: { verified: true } });
    expect(backend.complaints).toEqual([]);
  },
);

it("tells no gap for what the backend took when a proxy closes with 1009", () => {
  const { network, backend, time, record, finish } = phone();
  record(2);
  while (backend.taken.at(-1)?.header.seq !== 19) time.advanceSync(1);
  network.cut(1009);
  record(2);
  expect(finish().delivery).toMatchObject({ kind: "ended", result: { verified: true } });
  expect(backend.complaints).toEqual([]);
  expect(backend.gaps).toEqual([]);
});

it.each([4400, 4401, 4403, 4406, 4409, 4410, 4500])(
  "gives up after close code %i and says why",
  (closeCode) => {
    const { network, sender, record } = phone();
    record(1);
    const { attempts } = network;
    network.cut(closeCode);
    record(10);
    expect(network.attempts).toBe(attempts);
    expect(sender.status.delivery.kind).toBe("failed");
  },
);

describe("for any order of chunks, cuts, black holes, restarts, sleeps and refusals", () => {
  type Step =
    | { kind: "record"; seconds: number }
    | { kind: "burst"; bytes: number }
    | { kind: "cut" | "restart" | "black-hole" | "refusing" | "healthy" | "offline" | "online" | "visible" }
    | { kind: "sleep"; ms: number }
    | { kind: "throttle"; bytesPerSecond: number }
    | { kind: "refuse"; ahead: number };
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ kind: fc.constant("record" as const), seconds: fc.integer({ min: 1, max: 12 }) }),
    fc.record({ kind: fc.constant("burst" as const), bytes: fc.integer({ min: 0, max: 400_000 }) }),
    fc.record({
      kind: fc.constantFrom(
        "cut" as const,
        "restart" as const,
        "black-hole" as const,
        "refusing" as const,
        "healthy" as const,
        "offline" as const,
        "online" as const,
        "visible" as const,
      ),
    }),
    fc.record({ kind: fc.constant("sleep" as const), ms: fc.integer({ min: 0, max: 90_000 }) }),
    fc.record({
      kind: fc.constant("throttle" as const),
      bytesPerSecond: fc.integer({ min: 2_000, max: 50_000 }),
    }),
    fc.record({ kind: fc.constant("refuse" as const), ahead: fc.integer({ min: 0, max: 20 }) }),
  );

  it("hands each seq to one backend process once, in order, or reports it in exactly one gap", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const limits: StreamLimits = { ...ROOMY, outbox: { maxBytes: 600_000, maxMs: 30_000 } };
        const { backend, network, sender, time, record, produce, finish } = phone({ limits });
        for (const action of steps) {
          switch (action.kind) {
            case "record":
              record(action.seconds);
              break;
            case "burst":
              produce(action.bytes);
              break;
            case "cut":
              network.cut();
              break;
            case "restart":
              backend.restart();
              network.cut();
              break;
            case "black-hole":
            case "refusing":
            case "healthy":
              network.state = action.kind;
              if (action.kind === "refusing") network.cut();
              break;
            case "offline":
            case "online":
            case "visible":
              sender.network(action.kind);
              break;
            case "sleep":
              time.sleep(action.ms);
              break;
            case "throttle":
              network.uplinkBytesPerSecond = action.bytesPerSecond;
              break;
            case "refuse":
              backend.refuse.set((backend.taken.at(-1)?.header.seq ?? 0) + action.ahead, 4413);
              break;
          }
          expect(sender.status.keptBytes).toBeLessThanOrEqual(600_000);
        }
        network.state = "healthy";
        network.uplinkBytesPerSecond = null;
        const { delivery } = finish();

        expect(backend.complaints).toEqual([]);
        expect(delivery.kind).toBe("ended");
        const bySeq = new Map<number, number[]>();
        for (const { header, life } of backend.taken)
          bySeq.set(header.seq, [...(bySeq.get(header.seq) ?? []), life]);
        for (const lives of bySeq.values()) expect(new Set(lives).size).toBe(lives.length);
        for (let life = 0; life <= Math.max(0, ...backend.taken.map((chunk) => chunk.life)); life++) {
          const own = backend.taken.filter((chunk) => chunk.life === life).map(({ header }) => header.seq);
          expect(own).toEqual(own.toSorted((a, b) => a - b));
        }
        const gapOf = new Map<number, string>();
        for (const { from, to } of backend.gaps) {
          for (let seq = from; seq <= to; seq++) gapOf.set(seq, `${from}-${to}`);
        }
        const last = Math.max(-1, ...bySeq.keys(), ...gapOf.keys());
        for (let seq = 0; seq <= last; seq++) {
          expect(Number(bySeq.has(seq)) + Number(gapOf.has(seq)), `seq ${seq}`).toBe(1);
        }
        if (delivery.kind === "ended") {
          expect(delivery.result.ranges.every(({ state }) => state !== "mismatch")).toBe(true);
        }
      }),
      {
        numRuns: 300,
        examples: [
          // Taken and not acknowledged, restarted, and then to be refused.
          [
            [
              { kind: "throttle", bytesPerSecond: 25_300 },
              { kind: "record", seconds: 1 },
              { kind: "restart" },
              { kind: "refuse", ahead: 0 },
            ],
          ],
        ],
      },
    );
  }, 120_000);
});

describe("with a token", () => {
  const guarded = () => {
    const made = phone({ token: "first" });
    made.backend.tokens = new Set(["first", "second", "third"]);
    return made;
  };
  /** The backend is deployed anew after the token's time: it knows neither the stream nor the token. */
  const redeploy = ({ backend, network }: ReturnType<typeof phone>, tokens: string[]) => {
    backend.tokens = new Set(tokens);
    backend.restart();
    network.cut(1012);
  };

  it("goes on with another one where the last one has ended, and loses nothing", () => {
    const made = guarded();
    const { tokens, record, finish, backend, reasons } = made;
    tokens.give = (sender) => made.time.after(1_500, () => sender.setToken("second"));
    record(5);
    redeploy(made, ["second"]);
    record(5);
    expect(finish().delivery).toMatchObject({ kind: "ended" });
    expect(seqs(backend)).toEqual(upTo(backend.taken.length));
    expect(backend.gaps).toEqual([]);
    expect(reasons).toEqual(["backend-restarted"]);
    expect(tokens.wanted).toBe(1);
  });

  it("survives three redeploys, and a token service that is away meanwhile", () => {
    const made = guarded();
    const { tokens, record, time, finish, backend } = made;
    record(5);
    for (const token of ["a", "b", "c"]) {
      tokens.give = (sender) => time.after(40_000, () => sender.setToken(token));
      redeploy(made, [token]);
      record(100);
    }
    expect(finish().delivery).toMatchObject({ kind: "ended" });
    expect(new Set(seqs(backend)).size).toBe(backend.taken.length);
    expect(backend.gaps).toEqual([]);
    expect(tokens.wanted).toBe(3);
  });

  it("uses one that came in time without being asked", () => {
    const made = guarded();
    const { tokens, record, sender, finish } = made;
    record(5);
    sender.setToken("second");
    redeploy(made, ["second"]);
    record(5);
    expect(finish().delivery).toMatchObject({ kind: "ended" });
    expect(tokens.wanted).toBe(0);
  });

  it("gives up when another one is refused as well, with the backend's words", () => {
    const made = guarded();
    const { tokens, record } = made;
    tokens.give = (sender) => sender.setToken("second");
    record(2);
    redeploy(made, []);
    record(5);
    expect(made.status.delivery).toMatchObject({ kind: "failed", code: "unauthorised" });
    expect(tokens.wanted).toBe(1);
  });

  it("waits for one while the page returns and the network comes and goes", () => {
    const made = guarded();
    const { tokens, record, sender, finish } = made;
    record(2);
    redeploy(made, ["second"]);
    record(2);
    expect(tokens.wanted).toBe(1);
    sender.network("visible");
    sender.network("online");
    record(2);
    expect(made.status.delivery.kind).toBe("reconnecting");
    sender.setToken("second");
    record(2);
    expect(finish().delivery).toMatchObject({ kind: "ended" });
  });

  it("is stopped by Stop and Discard while it waits for one", () => {
    const made = guarded();
    const { record, sender } = made;
    record(2);
    redeploy(made, ["second"]);
    record(2);
    sender.finish();
    sender.abandon();
    sender.setToken("second");
    made.time.advanceSync(10_000);
    expect(sender.status.delivery.kind).toBe("abandoned");
    expect(made.backend.hellos.at(-1)?.token).toBe("first");
  });
});
