/**
 * The promises of the seam for any order of events: what a person does, what devices, network and system do, and parts
 * that are late, missing, broken or silent.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import { FINISH_MS, LINGER_MS, START_MS } from "./proxy";
import { BothEnds, CHUNK_MS, type World } from "./testing/both-ends";

const world = fc.record<World>({
  worker: fc.constantFrom("works", "works", "works", "rejects", "hangs", "throws"),
  page: fc.constantFrom("works", "works", "rejects", "hangs"),
  capture: fc.constantFrom("works", "works", "works", "rejects", "hangs"),
  codecs: fc.constantFrom("works", "works", "works", "rejects", "hangs"),
  probe: fc.constantFrom("works", "works", "fails", "hangs"),
  source: fc.constantFrom("works", "works", "works", "rejects", "hangs"),
  sourceDelayMs: fc.constantFrom(0, 0, 150, 2_000, 7_000),
  encoder: fc.constantFrom("works", "works", "works", "fails", "silent"),
  flush: fc.constantFrom("works", "works", "hangs"),
  recorder: fc.constantFrom("works", "works", "fails", "silent"),
});

const ACTIONS = {
  flip: (ends: BothEnds) => void ends.flip(),
  cameraEnds: (ends: BothEnds) => ends.track.stop(),
  release: (ends: BothEnds) => void ends.proxy.releaseTrack(),
  turn: (ends: BothEnds) => ends.proxy.setPicture({}),
  mute: (ends: BothEnds) => ends.proxy.setMuted(true),
  offline: (ends: BothEnds) => ends.proxy.network("offline"),
  online: (ends: BothEnds) => ends.proxy.network("online"),
  cut: (ends: BothEnds) => ends.network.cut(),
  blackHole: (ends: BothEnds) => {
    ends.network.state = "black-hole";
  },
  healthy: (ends: BothEnds) => {
    ends.network.state = "healthy";
  },
  restartBackend: (ends: BothEnds) => ends.restartBackend(),
  refuse: (ends: BothEnds) => ends.network.cut(4500),
  kill: (ends: BothEnds) => ends.kill(),
  freeze: (ends: BothEnds) => {
    if (ends.worker) ends.worker.isFrozen = true;
  },
  workerThrows: (ends: BothEnds) => ends.worker?.events.failed("uncaught"),
  encoderBreaks: (ends: BothEnds) =>
    ends.worker?.events.event({ kind: "encode-failed", code: "broken", detail: "a test" }),
  recorderBreaks: (ends: BothEnds) => ends.recorders.at(-1)?.break(),
  wait: () => {},
} satisfies Record<string, (ends: BothEnds) => void>;

const action = fc.record({
  name: fc.constantFrom(...(Object.keys(ACTIONS) as (keyof typeof ACTIONS)[])),
  afterMs: fc.constantFrom(0, 1, 40, 300, 1_100, 4_000),
});

const schedule = fc.record({
  world,
  beforeStart: fc.array(action, { maxLength: 2 }),
  whileLive: fc.array(action, { maxLength: 6 }),
  how: fc.constantFrom("finish", "finish", "finish", "discard", "dispose"),
  whileFinishing: fc.array(action, { maxLength: 3 }),
});

const play = async (ends: BothEnds, actions: readonly { name: keyof typeof ACTIONS; afterMs: number }[]) => {
  for (const { name, afterMs } of actions) {
    ACTIONS[name](ends);
    await ends.pass(afterMs);
  }
};

it("after Stop nothing is recorded; Start and Stop settle; every seq arrives once or lies in one gap", async () => {
  await fc.assert(
    fc.asyncProperty(schedule, async ({ world, beforeStart, whileLive, how, whileFinishing }) => {
      const ends = new BothEnds(world);
      await play(ends, beforeStart);
      const startedAt = ends.time.now();
      let startSettledAt: number | null = null;
      const noteStart = () => {
        startSettledAt = ends.time.now();
      };
      const started = ends.start();
      started.then(noteStart, noteStart);
      await play(ends, whileLive);

      const stoppedAt = ends.time.now();
      const stopped = Promise.resolve(ends.proxy[how]());
      let isStopped = false;
      void stopped.then(() => {
        isStopped = true;
      });
      await play(ends, how === "finish" ? whileFinishing : []);
      await ends.pass(Math.max(0, stoppedAt + FINISH_MS + 100 - ends.time.now()));
      expect(isStopped, "Stop settles").toBe(true);
      expect(startSettledAt, "Start settles").not.toBeNull();
      expect((startSettledAt ?? 0) - startedAt).toBeLessThanOrEqual(START_MS + 100);

      // Whatever was late has come by now.
      ends.network.state = "healthy";
      await ends.pass(30_000);
      expect(ends.liveClones, "clones of the camera").toBe(0);
      expect(ends.openSources, "sources").toBe(0);
      expect(ends.activeRecorders, "recorders").toBe(0);
      expect(ends.encodedAt, "encoded after Stop").toBeLessThanOrEqual(stoppedAt + CHUNK_MS);
      for (const { header } of ends.backend.taken) {
        expect(header.capturedTo, "captured after Stop").toBeLessThanOrEqual(stoppedAt + CHUNK_MS);
      }
      expect(ends.account()).toEqual({ missing: [], repeated: [] });
      expect(ends.backend.complaints).toEqual([]);
      expect(ends.mismatches, "ranges that are said to differ").toEqual([]);

      if (how === "dispose") return;
      // Discard always ends it, and at once.
      if (ends.end === undefined) ends.proxy.discard();
      expect(ends.end, "how it ended").toBeDefined();
      await ends.pass(LINGER_MS + 100);
      const taken = ends.backend.taken.length;
      expect(ends.workers.filter(({ isAlive }) => isAlive)).toEqual([]);
      await ends.pass(5_000);
      expect(ends.backend.taken).toHaveLength(taken);
    }),
    { numRuns: 400 },
  );
}, 120_000);
