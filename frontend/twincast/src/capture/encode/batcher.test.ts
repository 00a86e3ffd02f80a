import { beforeEach, describe, expect, it } from "vitest";
import type { EncodedChunk } from "../../model/media";
import { FakeClock } from "../../testing/fake-clock";
import { type Cadence, ChunkBatcher } from "./batcher";

let clock: FakeClock;
let chunks: EncodedChunk[];
let emittedAt: number[];

beforeEach(() => {
  clock = new FakeClock(0);
  chunks = [];
  emittedAt = [];
});

function batcher(cadence: Cadence): ChunkBatcher {
  const take = (chunk: EncodedChunk) => {
    chunks.push(chunk);
    emittedAt.push(clock.now());
  };
  return new ChunkBatcher(cadence, take, clock);
}

const packet = (byte: number, keyFrame = false): EncodedChunk => ({
  payload: Uint8Array.of(byte),
  capturedFrom: clock.now() - 5,
  capturedTo: clock.now(),
  keyFrame,
});

describe("collecting for 100 ms", () => {
  it("gives one chunk every 100 ms, with everything that came, in order", async () => {
    const batch = batcher({ everyMs: 100 });
    for (let i = 0; i < 30; i++) {
      batch.add(packet(i), false);
      await clock.advance(33);
    }
    await clock.advance(100);
    expect(chunks.flatMap(({ payload }) => [...payload])).toEqual(Array.from({ length: 30 }, (_, i) => i));
    const gaps = emittedAt.slice(1).map((at, i) => at - (emittedAt[i] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(133);
    expect(emittedAt.length).toBeGreaterThanOrEqual(9);
  });

  it("never keeps a lone frame for longer than that", async () => {
    const batch = batcher({ everyMs: 100 });
    batch.add(packet(1), false);
    await clock.advance(5_000);
    batch.add(packet(2), false);
    await clock.advance(100);
    expect(emittedAt).toEqual([100, 5_100]);
  });

  it("begins a chunk with every key frame", async () => {
    const batch = batcher({ everyMs: 100 });
    batch.add(packet(1), false);
    batch.add(packet(2, true), true);
    batch.add(packet(3), false);
    await clock.advance(100);
    expect(chunks.map(({ payload, keyFrame }) => [...payload, keyFrame])).toEqual([
      [1, false],
      [2, 3, true],
    ]);
  });

  it("spans from the oldest capture to the newest", async () => {
    const batch = batcher({ everyMs: 100 });
    batch.add(packet(1), false);
    await clock.advance(40);
    batch.add(packet(2), false);
    await clock.advance(60);
    expect(chunks[0]).toMatchObject({ capturedFrom: -5, capturedTo: 40 });
  });

  it("hands over what there is when flushed, and then nothing more", async () => {
    const batch = batcher({ everyMs: 100 });
    batch.add(packet(1), false);
    batch.flush();
    batch.flush();
    expect(chunks).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });
});

it("gives each frame at once in real time", () => {
  const batch = batcher("realtime");
  batch.add(packet(1), false);
  batch.add(packet(2), false);
  expect(chunks.map(({ payload }) => [...payload])).toEqual([[1], [2]]);
});
