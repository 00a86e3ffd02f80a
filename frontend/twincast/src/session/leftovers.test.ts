import { beforeEach, describe, expect, it } from "vitest";
import type { Leftover } from "../model/leftover";
import type { StreamKind } from "../model/stream";
import { diskStorage, FakeDisk } from "../storage/testing/fake-disk";
import { FakeClock } from "../testing/fake-clock";
import { DEFAULT_LIMITS, StreamSender } from "../transport";
import { FakeBackend } from "../transport/testing/fake-backend";
import { FakeNetwork } from "../transport/testing/fake-network";
import { hostWorkers } from "../worker/testing/host-workers";
import { Leftovers } from "./leftovers";
import type { FetchTokens } from "./tokens";

const SESSION = "3f2b8c1e-9d4a-4c6f-8e21-5a7b90c1d2e3";
const KINDS = ["video", "audio"] as const;

/** One session's backends, disks and workers. */
function world() {
  const time = new FakeClock();
  const of = <T>(make: (kind: StreamKind) => T): Record<StreamKind, T> => ({
    video: make("video"),
    audio: make("audio"),
  });
  const backends = of(() => new FakeBackend(time.now));
  const disks = of(() => new FakeDisk());
  const networks = of((kind) => new FakeNetwork(time, backends[kind]));
  const shown: Leftover[] = [];
  const removed: string[] = [];
  const workers = hostWorkers({
    clock: time,
    openSocket: (url, ...rest) => {
      const kind = url.endsWith("video") ? "video" : "audio";
      return networks[kind].openSocket(url, ...rest);
    },
    openStorage: async (_session, stream) => diskStorage(disks[stream]),
  });

  /** A page that records through an outage, and is gone. */
  const loseAPage = (seconds: number) => {
    const dead: FakeNetwork[] = [];
    for (const kind of KINDS) {
      const network = new FakeNetwork(time, backends[kind]);
      dead.push(network);
      const { keep } = diskStorage(disks[kind]);
      const sender = new StreamSender({
        url: `wss://backend.test/ws/${kind}`,
        session: SESSION,
        openSocket: network.openSocket,
        clock: {
          now: time.now,
          after: (ms, task) => time.after(ms, () => network.state !== "black-hole" && task()),
        },
        random: () => 0.5,
        limits: DEFAULT_LIMITS[kind],
        onSegmentWanted: () => {},
        onGap: () => {},
        onStatus: () => {},
      });
      sender.attachKeeper(keep);
      sender.openSegment({ mimeType: "video/webm", startedAt: time.now() });
      sender.start();
      time.advanceSync(500);
      network.state = "refusing";
      network.cut();
      for (let nth = 0; nth < seconds * 10; nth++) {
        time.advanceSync(100);
        const capturedTo = time.now();
        const payload = new Uint8Array(500).fill(nth);
        sender.push({ payload, capturedFrom: capturedTo - 100, capturedTo, keyFrame: false });
      }
      network.state = "black-hole";
    }
  };

  const leftovers = (fetchTokens: FetchTokens = async () => ({ tokens: {}, lifetimeMs: null })) => {
    let isFound = false;
    return new Leftovers({
      workers,
      socketUrl: (stream) => `wss://backend.test/ws/${stream}`,
      userAgent: "a test",
      fetchTokens,
      isOwn: () => false,
      onChange: (leftover) => shown.push(leftover),
      find: async () => {
        if (isFound) return [];
        isFound = true;
        return [{ session: SESSION, streams: KINDS, remove: async () => void removed.push(SESSION) }];
      },
    });
  };
  return {
    time,
    backends,
    networks,
    disks,
    shown,
    removed,
    loseAPage,
    leftovers,
    workers,
    get last() {
      return shown.at(-1);
    },
  };
}

describe("what a lost page left", () => {
  let all: ReturnType<typeof world>;
  beforeEach(() => {
    all = world();
  });

  it("is told with its length and its time, delivered, verified and removed", async () => {
    const beganAt = all.time.now();
    all.loseAPage(5);
    await all.leftovers().look();
    await all.time.advance(200);
    const first = all.shown.find(({ kind }) => kind === "sending");
    expect(first).toMatchObject({ startedAt: beganAt });
    expect(first?.kind === "sending" && first.streams.map(({ foundMs }) => Math.round(foundMs))).toEqual([
      5_000, 5_000,
    ]);
    await all.time.advance(10_000);
    expect(all.last).toMatchObject({
      kind: "over",
      streams: [
        { stream: "video", status: { kind: "ended", verified: "all" } },
        { stream: "audio", status: { kind: "ended", verified: "all" } },
      ],
    });
    expect(all.removed).toEqual([SESSION]);
    for (const kind of KINDS) {
      expect(all.backends[kind].complaints).toEqual([]);
      expect(all.backends[kind].taken).toHaveLength(50);
      expect(all.disks[kind].usedBytes).toBe(0);
    }
    expect(all.workers.open).toBe(0);
  });

  it("is asked for fresh tokens, for as long as it takes", async () => {
    all.loseAPage(3);
    let asked = 0;
    await all
      .leftovers(async () => {
        if (++asked < 4) throw new Error("The page's server does not answer.");
        return { tokens: { video: "fresh", audio: "fresh" }, lifetimeMs: null };
      })
      .look();
    await all.time.advance(30_000);
    expect(all.last?.kind).toBe("over");
    expect(all.backends.video.hellos.at(-1)?.token).toBe("fresh");
  });

  it("stays where it is when the page goes again, and numbers its sockets anew", async () => {
    all.loseAPage(3);
    for (const kind of KINDS) all.networks[kind].state = "refusing";
    const again = all.leftovers();
    await again.look();
    await all.time.advance(3_000);
    for (const disk of Object.values(all.disks)) disk.isKilled = true;
    again.close();
    expect(all.workers.open).toBe(0);
    for (const kind of KINDS) all.networks[kind].state = "healthy";
    await all.leftovers().look();
    await all.time.advance(10_000);
    expect(all.last?.kind).toBe("over");
    expect(all.backends.audio.taken).toHaveLength(30);
    expect(all.backends.audio.complaints).toEqual([]);
  });

  it("is gone once the person discards it", async () => {
    all.loseAPage(3);
    for (const kind of KINDS) all.networks[kind].state = "refusing";
    const leftovers = all.leftovers();
    await leftovers.look();
    await all.time.advance(1_000);
    leftovers.discard();
    await all.time.advance(5_000);
    expect(all.last).toEqual({ kind: "none" });
    expect(all.removed).toEqual([SESSION]);
    expect(all.disks.video.usedBytes).toBe(0);
    expect(all.workers.open).toBe(0);
    expect(all.backends.video.taken).toEqual([]);
  });

  it("is forgotten where nothing of it can be read", async () => {
    await all.leftovers().look();
    await all.time.advance(5_000);
    expect(all.last).toEqual({ kind: "none" });
    expect(all.removed).toEqual([SESSION]);
  });
});
