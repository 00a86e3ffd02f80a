/** When a sender writes down what it keeps, and what of it stays in memory. */
import { beforeEach, describe, expect, it } from "vitest";
import { FakeClock } from "../testing/fake-clock";
import { DEFAULT_LIMITS, type StreamLimits, StreamSender } from "../transport";
import { FakeBackend } from "../transport/testing/fake-backend";
import { FakeNetwork } from "../transport/testing/fake-network";
import { diskStorage, FakeDisk } from "./testing/fake-disk";

/** 720p at 1.5 Mb/s. */
const CHUNK_BYTES = 18_750;
const CHUNK_MS = 100;

function phone(limits: StreamLimits = DEFAULT_LIMITS.video, roomBytes = Number.POSITIVE_INFINITY) {
  const time = new FakeClock();
  const backend = new FakeBackend(time.now);
  const network = new FakeNetwork(time, backend);
  const disk = new FakeDisk();
  let isWanted = false;
  const sender = new StreamSender({
    url: "wss://backend.test/ws/video",
    session: "3f2b8c1e-9d4a-4c6f-8e21-5a7b90c1d2e3",
    openSocket: network.openSocket,
    clock: time,
    random: () => 0.5,
    limits,
    onSegmentWanted: () => {
      isWanted = true;
    },
    onGap: () => {},
    onStatus: () => {},
  });
  sender.attachKeeper(diskStorage(disk, { fileBytes: 4_000_000, roomBytes }).keep);
  sender.openSegment({ mimeType: "video/webm", startedAt: time.now() });
  sender.start();
  const record = async (seconds: number) => {
    for (let ms = 0; ms < seconds * 1_000; ms += CHUNK_MS) {
      time.advanceSync(CHUNK_MS);
      // Files are opened in their own time.
      if (ms % 1_000 === 0) await Promise.resolve();
      if (isWanted) {
        isWanted = false;
        sender.closeSegment();
        sender.openSegment({ mimeType: "video/webm", startedAt: time.now() });
      }
      const capturedTo = time.now();
      const payload = new Uint8Array(CHUNK_BYTES).fill(ms % 251);
      sender.push({ payload, capturedFrom: capturedTo - CHUNK_MS, capturedTo, keyFrame: false });
    }
  };
  return { time, backend, network, disk, sender, record };
}

describe("a sender with a journal", () => {
  let all: ReturnType<typeof phone>;
  beforeEach(() => {
    all = phone();
  });
  const memoryBytes = () => all.sender.unstoredBytes;

  it("writes nothing while all is acknowledged in time", async () => {
    await all.record(60);
    expect(all.disk.writtenBytes).toBe(0);
    expect(all.sender.status.storage).toBe("idle");
  });

  it("writes from the second on in which nothing was acknowledged, and keeps none of it in memory", async () => {
    await all.record(2);
    all.network.state = "black-hole";
    await all.record(0.9);
    expect(all.disk.writtenBytes).toBe(0);
    await all.record(30);
    expect(all.sender.status.storage).toBe("writing");
    expect(all.sender.status.keptMs).toBeGreaterThan(30_000);
    expect(memoryBytes()).toBe(0);
  });

  it("writes while the page is hidden, and no more when it is back", async () => {
    await all.record(2);
    all.sender.network("hidden");
    await all.record(5);
    expect(all.disk.writtenBytes).toBeGreaterThan(4 * CHUNK_BYTES * 10);
    all.sender.network("visible");
    await all.record(5);
    expect(all.sender.status.storage).toBe("idle");
    expect(all.disk.usedBytes).toBe(0);
    const { writtenBytes } = all.disk;
    await all.record(5);
    expect(all.disk.writtenBytes).toBe(writtenBytes);
  });

  it("keeps an outage of ten minutes whole on a path that catches up with it, and frees what was delivered", async () => {
    await all.record(2);
    all.network.state = "refusing";
    all.network.cut();
    await all.record(600);
    expect(all.sender.status.keptBytes).toBeGreaterThan(100_000_000);
    expect(memoryBytes()).toBe(0);
    all.network.state = "healthy";
    all.network.uplinkBytesPerSecond = 1_250_000;
    await all.record(150);
    expect(all.backend.gaps).toEqual([]);
    expect(all.sender.status.keptMs).toBeLessThan(1_000);
    expect(all.disk.usedBytes).toBe(0);
    all.sender.finish();
    all.time.advanceSync(10_000);
    expect(all.sender.status.delivery).toMatchObject({ kind: "ended", result: { verified: true } });
    expect(all.backend.complaints).toEqual([]);
  }, 30_000);

  it("gives up the oldest beyond the room that there is, as one exact gap", async () => {
    all = phone({ ...DEFAULT_LIMITS.video, outbox: { maxBytes: 4_000_000, maxMs: 180_000 } }, 10_000_000);
    await all.record(2);
    all.network.state = "refusing";
    all.network.cut();
    await all.record(120);
    expect(all.sender.status.keptBytes).toBeLessThanOrEqual(10_000_000);
    expect(all.disk.usedBytes).toBeLessThan(25_000_000);
    all.network.state = "healthy";
    await all.record(5);
    all.sender.finish();
    all.time.advanceSync(30_000);
    expect(all.sender.status.delivery).toMatchObject({ kind: "ended", result: { verified: true } });
    expect(all.backend.gaps).toMatchObject([{ reason: "outbox-full" }]);
  });

  it("keeps in memory, as ever, what finds no room, and says so", async () => {
    all = phone(DEFAULT_LIMITS.video, 1_000);
    all.disk.quotaBytes = 3_000_000;
    await all.record(2);
    all.network.state = "refusing";
    all.network.cut();
    await all.record(60);
    expect(all.sender.status.storage).toBe("full");
    expect(memoryBytes()).toBeGreaterThan(5_000_000);
    all.network.state = "healthy";
    await all.record(20);
    all.sender.finish();
    all.time.advanceSync(30_000);
    expect(all.backend.gaps).toEqual([]);
    expect(all.sender.status.delivery).toMatchObject({ kind: "ended", result: { verified: true } });
  });
});
