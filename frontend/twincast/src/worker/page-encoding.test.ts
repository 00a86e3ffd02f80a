/** The page's part in encoding, joined with both ends: what it opens it closes, and who goes on has what is so now. */
import { describe, expect, it } from "vitest";
import { BothEnds, CHUNK_MS, FakeTrack, type World } from "./testing/both-ends";

async function live(world: Partial<World> = {}) {
  const ends = new BothEnds(world);
  await ends.pass(100);
  await ends.settles(ends.start(), 1_000);
  await ends.pass(1_000);
  return ends;
}

const encodersOf = (ends: BothEnds) => ends.backend.segments.map(({ encoder }) => encoder?.name);
const another = () => new FakeTrack() as unknown as MediaStreamTrack;

describe("the page's source", () => {
  it("is closed with Stop", async () => {
    const ends = await live();
    expect(ends.openSources).toBe(1);
    await ends.settles(ends.proxy.finish(), 1_000);
    expect(ends.openSources).toBe(0);
  });

  it("is closed when it opens after Stop", async () => {
    const ends = new BothEnds({ sourceDelayMs: 2_000 });
    void ends.start();
    await ends.pass(500);
    void ends.proxy.finish();
    await ends.pass(5_000);
    expect(ends.clones).toHaveLength(1);
    expect(ends.openSources).toBe(0);
  });

  it("is closed before another camera is asked for", async () => {
    const ends = await live();
    await ends.settles(ends.proxy.releaseTrack(), 600);
    expect(ends.openSources).toBe(0);
  });

  it("is replaced by another track's", async () => {
    const ends = await live();
    ends.proxy.replaceTrack(another());
    await ends.pass(500);
    expect(ends.openSources).toBe(1);
  });

  it("is closed with the worker that was lost", async () => {
    const ends = await live();
    ends.kill();
    await ends.pass(8_000);
    expect(ends.workers).toHaveLength(2);
    expect(ends.openSources).toBe(1);
  });
});

it("takes a track that ends while it is opened for an interruption, and goes on with the next one", async () => {
  const ends = new BothEnds({ sourceDelayMs: 500 });
  await ends.pass(100);
  void ends.start();
  await ends.pass(200);
  ends.track.end();
  await ends.pass(1_000);
  ends.proxy.replaceTrack(another());
  await ends.pass(2_000);
  expect(encodersOf(ends)).toEqual(["webcodecs"]);
});

it("delivers an encoder's last chunks though it breaks in the middle of them", async () => {
  const ends = await live();
  await ends.pass(CHUNK_MS / 2);
  const stoppedAt = ends.time.now();
  const finished = ends.proxy.finish();
  await ends.pass(10);
  ends.worker?.events.event({ kind: "encode-failed", code: "broken", detail: "a test" });
  await ends.settles(finished, 1_000);
  expect(Math.max(...ends.backend.taken.map(({ header }) => header.capturedTo))).toBeGreaterThanOrEqual(
    stoppedAt,
  );
  expect(ends.activeRecorders).toBe(0);
});

it("begins a recorder's segment with a turned picture", async () => {
  const ends = await live({ probe: "fails" });
  ends.proxy.setPicture({});
  await ends.pass(500);
  expect(ends.backend.segments).toHaveLength(2);
});

describe("an encoder that gives nothing for ten seconds", () => {
  it.each(["works", "none"] as const)(
    "is waited for where no recorder is; a recorder: %s",
    async (recorder) => {
      const ends = new BothEnds({ encoder: "silent", recorder });
      await ends.pass(100);
      const started = ends.start();
      await ends.pass(10_000);
      ends.world.encoder = "works";
      await ends.settles(started, 1_000);
      await ends.pass(1_000);
      expect(encodersOf(ends)).toEqual([recorder === "none" ? "webcodecs" : "media-recorder"]);
      expect(ends.events.filter(({ kind }) => kind === "failed" || kind === "broken")).toEqual([]);
    },
  );
});

describe("another worker", () => {
  it("is fed, and is not given up for the first bytes that the lost one never gave", async () => {
    const ends = new BothEnds({ encoder: "silent" });
    await ends.pass(100);
    void ends.start();
    await ends.pass(1_000);
    ends.world.encoder = "works";
    ends.kill();
    await ends.pass(12_000);
    expect(encodersOf(ends)).toEqual(["webcodecs"]);
    expect(ends.recorders).toHaveLength(0);
  });

  it("gets a recorder's next segment, and nothing of the one before", async () => {
    const ends = await live({ probe: "fails" });
    ends.worker?.events.failed("uncaught");
    ends.recorders[0]?.giveLate();
    await ends.pass(3);
    ends.recorders[0]?.giveLate();
    await ends.pass(3_000);
    const [gap] = ends.backend.gaps;
    const before = ends.backend.taken.findLast(({ header }) => header.seq < (gap?.from ?? 0));
    const after = ends.backend.taken.find(({ header }) => header.seq > (gap?.to ?? 0));
    expect(gap?.ms).toBe((after?.header.capturedFrom ?? 0) - (before?.header.capturedTo ?? 0));
    expect(ends.backend.segments).toHaveLength(2);
    expect(ends.account()).toEqual({ missing: [], repeated: [] });
    await ends.settles(ends.proxy.finish(), 1_000);
  });

  it("begins a recorder's segment at once, where nothing else asks for one", async () => {
    const ends = await live({ probe: "fails" });
    const segments = ends.backend.segments.length;
    ends.worker?.events.failed("uncaught");
    await ends.pass(500);
    expect(ends.backend.segments.length).toBe(segments + 1);
    expect(ends.backend.taken.at(-1)?.header.segment).toBe(segments);
  });

  it("says the token of now", async () => {
    const ends = await live();
    ends.proxy.setToken("second");
    ends.kill();
    await ends.pass(8_000);
    expect(ends.backend.hellos.at(-1)?.token).toBe("second");
  });
});

it("sends nothing of a recorder between two of its segments", async () => {
  const ends = await live({ probe: "fails" });
  ends.proxy.replaceTrack(another());
  ends.recorders.at(-1)?.giveLate();
  await ends.pass(2_000);
  ends.recorders.at(-1)?.giveLate();
  await ends.settles(ends.proxy.finish(), 2_000);
  await ends.pass(2_000);
  expect(ends.end).toBe("ended");
  expect(ends.backend.segments.length).toBe(2);
  expect(ends.backend.complaints).toEqual([]);
});
