import { describe, expect, it } from "vitest";
import { FINISH_MS, RESTART_DELAYS_MS, STABLE_MS, START_MS } from "./proxy";
import { BothEnds, CHUNK_MS, FakeTrack, type World } from "./testing/both-ends";

async function live(world: Partial<World> = {}, settings = {}) {
  const ends = new BothEnds(world, settings);
  await ends.pass(100);
  const started = ends.start();
  expect(await ends.settles(started, 1_000)).toBe(true);
  await ends.pass(1_000);
  return ends;
}

const taken = (ends: BothEnds) => ends.backend.taken.length;
const encodersOf = (ends: BothEnds) => ends.backend.segments.map(({ encoder }) => encoder?.name);

describe("a stream", () => {
  it("is encoded in its worker, and ends with everything verified", async () => {
    const ends = await live();
    expect(encodersOf(ends)).toEqual(["webcodecs"]);
    expect(await ends.settles(ends.proxy.finish(), 500)).toBe(true);
    await ends.pass(500);
    expect(ends.end).toBe("ended");
    expect(ends.account()).toEqual({ missing: [], repeated: [] });
    expect(ends.liveClones).toBe(0);
  });

  for (const probe of ["works", "fails"] as const) {
    it(`delivers the encoder's last chunks before it ends (probe ${probe})`, async () => {
      const ends = await live({ probe });
      await ends.pass(CHUNK_MS / 2);
      const stoppedAt = ends.time.now();
      await ends.settles(ends.proxy.finish(), 1_000);
      const newest = Math.max(...ends.backend.taken.map(({ header }) => header.capturedTo));
      expect(newest).toBeGreaterThanOrEqual(stoppedAt);
      expect(ends.backend.taken.at(-1)?.header.last).toBe(true);
    });
  }
});

describe("after Stop, Discard and dispose nothing is recorded", () => {
  for (const how of ["finish", "discard", "dispose"] as const) {
    it(`when a source opens late (${how})`, async () => {
      const ends = new BothEnds({ sourceDelayMs: 3_000 });
      const started = ends.start();
      await ends.pass(500);
      const ended = ends.proxy[how]();
      expect(await ends.settles(Promise.all([started, ended]), FINISH_MS)).toBe(true);
      await ends.pass(20_000);
      expect(ends.commands.map(({ kind }) => kind)).not.toContain("encode");
      expect(ends.clones).toHaveLength(1);
      expect(ends.liveClones).toBe(0);
      expect(taken(ends)).toBe(0);
    });
  }

  it("when the flush hangs: Stop ends all the same, and what was kept arrives", async () => {
    const ends = await live({ flush: "hangs" });
    const before = taken(ends);
    expect(await ends.settles(ends.proxy.finish(), FINISH_MS)).toBe(true);
    await ends.pass(1_000);
    expect(ends.end).toBe("ended");
    expect(taken(ends)).toBeGreaterThanOrEqual(before);
    expect(ends.liveClones).toBe(0);
  });

  it("when a recorder is to begin another segment", async () => {
    const ends = await live({ probe: "fails" });
    expect(encodersOf(ends)).toEqual(["media-recorder"]);
    const finished = ends.proxy.finish();
    ends.proxy.replaceTrack(new FakeTrack() as unknown as MediaStreamTrack);
    ends.proxy.setPicture({});
    await ends.settles(finished, 1_000);
    await ends.pass(1_000);
    expect(ends.activeRecorders).toBe(0);
    expect(ends.end).toBe("ended");
  });

  it("ends by itself when nothing was recorded and the backend does not answer", async () => {
    const ends = new BothEnds({ source: "hangs" });
    ends.network.state = "black-hole";
    void ends.start();
    await ends.pass(1_000);
    void ends.proxy.finish();
    await ends.pass(2 * FINISH_MS);
    expect(ends.end).toBe("discarded");
  });

  it("says at once what a discard left behind, though the worker is silent", async () => {
    const ends = await live();
    ends.network.state = "black-hole";
    await ends.pass(2_000);
    const worker = ends.worker;
    if (worker) worker.isFrozen = true;
    void ends.proxy.finish();
    ends.proxy.discard();
    const discarded = ends.events.findLast(({ kind }) => kind === "discarded");
    expect(discarded).toMatchObject({ leftBytes: expect.any(Number) });
    expect(discarded?.kind === "discarded" && discarded.leftBytes).toBeGreaterThan(5_000);
  });
});

describe("Start always settles", () => {
  for (const codecs of ["rejects", "hangs"] as const) {
    it(`records when the encoder's code ${codecs}`, async () => {
      const ends = new BothEnds({ codecs });
      expect(await ends.settles(ends.start(), START_MS)).toBe(true);
      await ends.pass(1_000);
      expect(encodersOf(ends)).toEqual(["media-recorder"]);
    });
  }

  it("asks again for code that could not be fetched", async () => {
    const ends = new BothEnds({ codecs: "rejects" }, { tier: "webcodecs" });
    await ends.pass(500);
    ends.world.codecs = "works";
    await ends.settles(ends.start(), 1_000);
    await ends.pass(500);
    expect(ends.codecLoads).toBe(2);
    expect(encodersOf(ends)).toEqual(["webcodecs"]);
  });

  for (const worker of ["rejects", "hangs", "throws"] as const) {
    it(`streams from the page when the worker ${worker}`, async () => {
      const ends = new BothEnds({ worker });
      expect(await ends.settles(ends.start(), START_MS)).toBe(true);
      await ends.pass(1_000);
      expect(taken(ends)).toBeGreaterThan(5);
    });
  }

  it("does not wait for a worker whose script is gone", async () => {
    const ends = new BothEnds({ worker: "rejects" });
    expect(await ends.settles(ends.start(), 1_000)).toBe(true);
  });

  it("says that a part is missing when neither the worker nor the page can run it", async () => {
    for (const page of ["rejects", "hangs"] as const) {
      const ends = new BothEnds({ worker: "rejects", page });
      const started = ends.start();
      expect(await ends.settles(started, START_MS)).toBe(true);
      expect(ends.events.at(-1)).toMatchObject({ kind: "failed", error: { code: "not-loaded" } });
      await expect(started).rejects.toMatchObject({ code: "not-loaded" });
    }
  });

  for (const encoder of ["fails", "silent"] as const) {
    it(`records when the encoder in the worker is ${encoder}`, async () => {
      const ends = new BothEnds({ encoder });
      expect(await ends.settles(ends.start(), START_MS)).toBe(true);
      await ends.pass(1_000);
      expect(encodersOf(ends)).toEqual(["media-recorder"]);
      expect(ends.liveClones).toBe(0);
    });
  }

  it("fails with the reason when nothing encodes", async () => {
    for (const recorder of ["fails", "silent"] as const) {
      const ends = new BothEnds({ encoder: "fails", recorder });
      const started = ends.start();
      expect(await ends.settles(started, START_MS)).toBe(true);
      await expect(started).rejects.toMatchObject({ code: "no-bytes" });
      expect(ends.end).toBe("failed");
    }
  });

  it("takes an ended camera for an interruption, and streams the next one", async () => {
    const ends = new BothEnds();
    ends.track.stop();
    expect(await ends.settles(ends.start(), 500)).toBe(true);
    expect(ends.end).toBeUndefined();
    await Promise.all([ends.flip(), ends.pass(1_000)]);
    expect(encodersOf(ends)).toEqual(["webcodecs"]);
    expect(taken(ends)).toBeGreaterThan(5);
  });

  it("begins with the camera of now when it was switched meanwhile", async () => {
    const ends = new BothEnds({ sourceDelayMs: 700 });
    const started = ends.start();
    await ends.pass(100);
    await Promise.all([ends.flip(), ends.pass(100)]);
    await ends.settles(started, 3_000);
    await ends.pass(2_000);
    expect(taken(ends)).toBeGreaterThan(5);
    expect(ends.liveClones).toBe(1);
  });
});

describe("a slow path", () => {
  for (const probe of ["works", "fails"] as const) {
    it(`lowers the rate of the encoder, and brings it back (probe ${probe})`, async () => {
      const ends = await live({ probe });
      ends.backend.stuck = true;
      await ends.pass(5_000);
      ends.backend.stuck = false;
      const lowest = Math.min(...ends.rates);
      expect(lowest).toBeLessThan(500_000);
      // A recorder takes another rate with another segment only.
      const opened = ends.commands.filter(({ kind }) => kind === "segment").length;
      expect(opened).toBe(probe === "fails" ? 2 : 0);
      ends.network.cut();
      await ends.pass(60_000);
      expect(ends.rates.at(-1)).toBeGreaterThan(lowest);
    });

    it(`begins another segment after a gap (probe ${probe})`, async () => {
      const ends = await live({ probe });
      ends.backend.refuse.set(ends.backend.taken.length + 2, 4413);
      await ends.pass(3_000);
      expect(ends.backend.gaps).toMatchObject([{ reason: "too-large" }]);
      const [first, second] = ends.backend.segments;
      expect(second?.segment).toBeGreaterThan(first?.segment ?? 0);
      expect(ends.backend.taken.find(({ header }) => header.segment === second?.segment)?.header.first).toBe(
        true,
      );
    });
  }
});

describe("a camera", () => {
  it("is let go of before another one is asked for, in the worker too", async () => {
    const ends = await live();
    for (let i = 0; i < 5; i++) {
      const flip = ends.flip();
      await ends.pass(100);
      expect((await flip).clonesWhenAsked).toBe(0);
      await ends.pass(500);
      expect(ends.liveClones).toBe(1);
    }
    await ends.settles(ends.proxy.finish(), 1_000);
    await ends.pass(500);
    expect(ends.backend.segments).toHaveLength(6);
    expect(ends.account()).toEqual({ missing: [], repeated: [] });
  });

  it("is not waited for when the worker does not answer", async () => {
    const ends = await live();
    if (ends.worker) ends.worker.isFrozen = true;
    expect(await ends.settles(ends.proxy.releaseTrack(), 600)).toBe(true);
  });
});

describe("a worker that is lost while live", () => {
  const losses: Record<string, (ends: BothEnds) => void> = {
    "dies without a word": (ends) => ends.kill(),
    "falls silent": (ends) => {
      if (ends.worker) ends.worker.isFrozen = true;
    },
    throws: (ends) => ends.worker?.events.failed("uncaught"),
  };
  for (const [how, lose] of Object.entries(losses)) {
    for (const probe of ["works", "fails"] as const) {
      it(`${how}: the person sees it, and the stream goes on behind an exact gap (probe ${probe})`, async () => {
        const ends = await live({ probe });
        ends.network.latencyMs = 200;
        await ends.pass(500);
        lose(ends);
        await ends.pass(4_500);
        expect(ends.events.some(({ kind }) => kind === "restarting")).toBe(true);
        await ends.pass(4_000);
        await ends.settles(ends.proxy.finish(), 2_000);
        await ends.pass(3_000);
        expect(ends.end).toBe("ended");
        expect(ends.backend.complaints).toEqual([]);
        expect(ends.account()).toEqual({ missing: [], repeated: [] });
        expect(ends.backend.gaps).toMatchObject([{ reason: "worker-lost" }]);
        // Chunks and the gap join without a hole: what is missing is as long as the gap says.
        const [gap] = ends.backend.gaps;
        const before = ends.backend.taken.findLast(({ header }) => header.seq < (gap?.from ?? 0));
        const after = ends.backend.taken.find(({ header }) => header.seq > (gap?.to ?? 0));
        expect(gap?.ms).toBe((after?.header.capturedFrom ?? 0) - (before?.header.capturedTo ?? 0));
        expect(ends.workers).toHaveLength(2);
        const told = ends.events.findLast((event) => event.kind === "report");
        expect(told?.status.chunks).toBe(taken(ends));
        expect(told?.status.gaps).toEqual(ends.backend.gaps);
      });
    }
  }

  it("is told before it is given up, and comes back when it was only slow", async () => {
    const ends = await live();
    if (ends.worker) ends.worker.isFrozen = true;
    await ends.pass(2_600);
    expect(ends.events.at(-1)).toEqual({ kind: "restarting", attempt: 1 });
    if (ends.worker) ends.worker.isFrozen = false;
    await ends.pass(2_000);
    expect(ends.events.at(-1)?.kind).toBe("report");
    expect(ends.workers).toHaveLength(1);
    await ends.settles(ends.proxy.finish(), 1_000);
    await ends.pass(1_000);
    expect(ends.end).toBe("ended");
    expect(ends.backend.gaps).toEqual([]);
  });

  it("leaves a muted stream muted", async () => {
    const ends = await live();
    ends.proxy.setMuted(true);
    await ends.pass(200);
    ends.kill();
    await ends.pass(8_000);
    expect(ends.backend.mutes).toEqual([true, true]);
  });

  it("may be lost any number of times, when it ran long enough in between", async () => {
    const ends = await live();
    for (let i = 0; i < 5; i++) {
      ends.kill();
      await ends.pass(STABLE_MS + 10_000);
    }
    expect(ends.end).toBeUndefined();
    expect(ends.backend.gaps).toHaveLength(5);
    const numbers = ends.backend.hellos.map(({ connection }) => connection ?? -1);
    expect(numbers).toHaveLength(6);
    expect(numbers.slice(1).every((number, index) => number > (numbers[index] ?? 0))).toBe(true);
    expect(ends.account()).toEqual({ missing: [], repeated: [] });
  });

  it("is started again in growing steps, and then the stream fails with a verdict", async () => {
    const ends = await live();
    for (let i = 0; i <= RESTART_DELAYS_MS.length; i++) {
      ends.kill();
      await ends.pass(10_000);
    }
    expect(ends.end).toBe("failed");
    expect(ends.events.at(-1)).toMatchObject({ error: { code: "worker-lost" } });
    expect(ends.liveClones).toBe(0);
  });

  it("loses what it kept when it dies while finishing, and the stream still ends", async () => {
    const ends = await live();
    ends.network.state = "black-hole";
    await ends.pass(2_000);
    await ends.settles(ends.proxy.finish(), 1_000);
    ends.kill();
    await ends.pass(5_000);
    ends.network.state = "healthy";
    await ends.pass(20_000);
    expect(ends.end).toBe("ended");
    expect(ends.account()).toEqual({ missing: [], repeated: [] });
    expect(ends.backend.gaps).toMatchObject([{ reason: "worker-lost" }]);
  });

  it("is lost with what it had not encoded when Stop was pressed: an exact gap until then", async () => {
    const ends = await live();
    await ends.pass(CHUNK_MS / 2);
    const stoppedAt = ends.time.now();
    if (ends.worker) ends.worker.isFrozen = true;
    void ends.proxy.finish();
    await ends.pass(20_000);
    expect(ends.end).toBe("ended");
    const newestTo = Math.max(...ends.backend.taken.map(({ header }) => header.capturedTo));
    expect(ends.backend.gaps).toMatchObject([{ ms: stoppedAt - newestTo, reason: "worker-lost" }]);
    expect(ends.account()).toEqual({ missing: [], repeated: [] });
    expect(ends.mismatches).toEqual([]);
  });

  it("leaves neither gap nor difference when it dies with nothing but acks to wait for", async () => {
    const ends = await live();
    ends.backend.afterSink = () => {};
    await ends.pass(500);
    await ends.settles(ends.proxy.finish(), 1_000);
    ends.kill();
    await ends.pass(20_000);
    expect(ends.end).toBe("ended");
    expect(ends.backend.gaps).toEqual([]);
    const last = ends.events.findLast((event) => event.kind === "report");
    expect(last?.status.delivery).toMatchObject({
      result: { verified: false, ranges: [{ state: "unknown" }] },
    });
  });

  it("is said to have lost nothing of what came before Stop when it had handed over all of it", async () => {
    const ends = await live();
    ends.network.state = "black-hole";
    expect(await ends.settles(ends.proxy.finish(), 200)).toBe(true);
    ends.kill();
    await ends.pass(6_000);
    expect(ends.workers).toHaveLength(2);
    expect(ends.commands.findLast(({ kind }) => kind === "finish")).toEqual({ kind: "finish" });
  });

  it.each(["dispose", "finish", "discard"] as const)(
    "lets the camera go at %s while the next one loads",
    async (how) => {
      const ends = await live();
      const lost = ends.worker;
      ends.kill();
      for (let ms = 0; ends.worker === lost && ms < 10_000; ms++) await ends.pass(1);
      expect(ends.worker).not.toBe(lost);
      // The new one is given the camera, and does not run yet.
      void ends.proxy[how]();
      await ends.pass(20_000);
      expect(ends.liveClones).toBe(0);
    },
  );

  it("is replaced unseen before Start", async () => {
    const ends = new BothEnds();
    await ends.pass(500);
    ends.kill();
    await ends.pass(5_000);
    await ends.settles(ends.start(), 1_000);
    await ends.pass(1_000);
    expect(encodersOf(ends)).toEqual(["webcodecs"]);
    expect(ends.events.some(({ kind }) => kind === "restarting")).toBe(false);
  });
});

describe("an encoder that breaks for good", () => {
  it("does not throw away what is kept", async () => {
    const ends = await live({ probe: "fails" });
    ends.network.state = "black-hole";
    await ends.pass(3_000);
    ends.recorders[0]?.break();
    await ends.pass(500);
    expect(ends.events.some(({ kind }) => kind === "broken")).toBe(true);
    ends.network.state = "healthy";
    await ends.pass(20_000);
    expect(ends.end).toBe("ended");
    expect(ends.backend.gaps).toEqual([]);
    expect(taken(ends)).toBeGreaterThan(30);
  });

  it("hands over to the recorder, with the camera of now", async () => {
    const ends = await live({ encoder: "works" });
    await Promise.all([ends.flip(), ends.pass(100)]);
    await ends.pass(500);
    ends.worker?.events.event({ kind: "encode-failed", code: "broken", detail: "a test" });
    await ends.pass(1_000);
    expect(encodersOf(ends)).toEqual(["webcodecs", "webcodecs", "media-recorder"]);
    expect(ends.liveClones).toBe(0);
    expect(ends.account()).toEqual({ missing: [], repeated: [] });
  });
});

describe("a stream that the backend refuses for good", () => {
  it("stops its encoder", async () => {
    for (const probe of ["works", "fails"] as const) {
      const ends = await live({ probe });
      ends.network.cut(4500);
      await ends.pass(1_000);
      expect(ends.end).toBe("refused");
      expect(ends.liveClones).toBe(0);
      expect(ends.activeRecorders).toBe(0);
      const { encodedAt } = ends;
      await ends.pass(2_000);
      expect(ends.encodedAt).toBe(encodedAt);
    }
  });
});

describe("a worker whose stream is over", () => {
  it("ends", async () => {
    const ends = await live();
    await ends.settles(ends.proxy.finish(), 1_000);
    await ends.pass(3_000);
    expect(ends.worker?.isAlive).toBe(false);
  });

  it("ends with dispose, at once", async () => {
    const ends = await live();
    ends.proxy.dispose();
    expect(ends.worker?.isAlive).toBe(false);
    const told = ends.events.length;
    await ends.pass(1_000);
    expect(ends.events).toHaveLength(told);
  });
});

describe("on a path that carries next to nothing", () => {
  it("the encoder in the worker is asked for less, and the page is told once", async () => {
    const ends = await live();
    expect(ends.rates).toEqual([]);
    ends.network.uplinkBytesPerSecond = 500;
    await ends.pass(30_000);
    expect(ends.rates.length).toBeGreaterThan(1);
    expect(ends.rates.at(-1)).toBe(16_000);
    const reductions = ends.events.flatMap((event) =>
      event.kind === "report" && event.reduction ? [event.reduction] : [],
    );
    expect(reductions.at(-1)).toEqual({ kind: "smaller-picture", episode: 1 });
  });

  it("no rate is asked for after the end", async () => {
    const ends = await live();
    ends.network.uplinkBytesPerSecond = 500;
    await ends.settles(ends.proxy.finish(), FINISH_MS);
    await ends.pass(20_000);
    expect(ends.rates).toEqual([]);
  });
});

it("counts nothing as left that has arrived, though no report has said so yet", async () => {
  const ends = new BothEnds();
  await ends.pass(100);
  await ends.settles(ends.start(), 1_000);
  await ends.pass(1_000);
  ends.unsaid.add("report");
  await ends.pass(1_000);
  void ends.proxy.finish();
  await ends.pass(1_000);
  ends.proxy.discard();
  expect(ends.events.at(-1)).toEqual({ kind: "discarded", leftBytes: 0 });
});
