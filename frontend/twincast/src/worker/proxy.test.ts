/** The page's end of a stream where its worker, its encoder or the person does not do the usual. */
import { expect, it } from "vitest";
import { ENCODER_END_MS, FINISH_MS } from "./proxy";
import { BothEnds, type World } from "./testing/both-ends";

async function live(world: Partial<World> = {}) {
  const ends = new BothEnds(world);
  await ends.pass(100);
  await ends.settles(ends.start(), 1_000);
  await ends.pass(1_000);
  return ends;
}

it("tells that a stream is muted which was muted before Start", async () => {
  const ends = new BothEnds();
  ends.proxy.setMuted(true);
  await ends.settles(ends.start(), 1_000);
  await ends.pass(500);
  expect(ends.backend.mutes).toEqual([true]);
});

it("replaces a worker that lives and does not end its encoder", async () => {
  const ends = await live();
  for (const kind of ["flushed", "report"] as const) ends.unsaid.add(kind);
  expect(await ends.settles(ends.proxy.finish(), FINISH_MS + 100)).toBe(true);
  await ends.pass(ENCODER_END_MS - FINISH_MS);
  ends.unsaid.clear();
  await ends.pass(5_000);
  expect(ends.workers).toHaveLength(2);
  expect(ends.end).toBe("ended");
});

it("waits for a worker that is only slow to end its encoder, and loses nothing", async () => {
  const ends = await live();
  ends.finishDelayMs = 8_000;
  expect(await ends.settles(ends.proxy.finish(), FINISH_MS + 100)).toBe(true);
  await ends.pass(10_000);
  expect(ends.workers).toHaveLength(1);
  expect(ends.end).toBe("ended");
  expect(ends.backend.gaps).toEqual([]);
});

it("settles Start with Stop, though a recorder gives nothing", async () => {
  const ends = new BothEnds({ probe: "fails", recorder: "silent" });
  const started = ends.start();
  await ends.pass(500);
  void ends.proxy.finish();
  expect(await ends.settles(started, 200)).toBe(true);
});

it("ends with Stop before Start, and with its worker", async () => {
  const ends = new BothEnds();
  await ends.pass(100);
  await ends.proxy.finish();
  expect(ends.end).toBe("unused");
  expect(ends.proxy.isOver).toBe(true);
  expect(ends.worker?.isAlive).toBe(false);
});

it("gives no segment's number to another one, whenever its worker is lost", async () => {
  for (let phaseMs = 0; phaseMs < 250; phaseMs += 20) {
    const ends = await live({ probe: "fails" });
    await ends.pass(phaseMs);
    ends.proxy.setPicture({});
    await ends.pass(220);
    ends.kill();
    await ends.pass(8_000);
    const numbers = ends.backend.segments.map(({ segment }) => segment);
    expect(new Set(numbers).size, `${phaseMs} ms`).toBe(numbers.length);
  }
});
