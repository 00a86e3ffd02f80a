import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { PcmBlock } from "./pcm-input";

interface Processor {
  readonly port: { onmessage: (event: { data: unknown }) => void };
  process(inputs: Float32Array[][]): boolean;
}

let Worklet: new () => Processor;
let processor: Processor;
let blocks: PcmBlock[];
let currentFrame: number;

const port = {
  onmessage: (_event: { data: unknown }) => {},
  postMessage: (block: PcmBlock) => blocks.push(block),
};

beforeAll(async () => {
  // What an AudioWorkletGlobalScope has.
  vi.stubGlobal("sampleRate", 48_000);
  vi.stubGlobal(
    "AudioWorkletProcessor",
    class {
      port = { onmessage: () => {} };
    },
  );
  vi.stubGlobal("registerProcessor", (_name: string, made: typeof Worklet) => {
    Worklet = made;
  });
  // @ts-expect-error plain JavaScript, as an AudioWorklet loads it
  await import("./pcm-worklet.js");
});

beforeEach(() => {
  blocks = [];
  currentFrame = 0;
  processor = new Worklet();
});

/** Renders quanta of 128 samples as an audio thread does. */
function render(quanta: number, sample: (n: number) => number[]): boolean {
  let goesOn = true;
  for (let i = 0; i < quanta; i++) {
    vi.stubGlobal("currentFrame", currentFrame);
    const samples = Array.from({ length: 128 }, (_, n) => sample(currentFrame + n));
    const channels =
      samples[0]?.map((_, channel) => Float32Array.from(samples, (all) => all[channel] ?? 0)) ?? [];
    goesOn = processor.process([channels]);
    currentFrame += 128;
  }
  return goesOn;
}

describe("the audio thread's part", () => {
  it("cuts the sound into blocks of 20 ms without losing a sample", () => {
    processor.port.onmessage({ data: port });
    render(30, (n) => [n]);
    expect(blocks.map(({ samples }) => samples.length)).toEqual([960, 960, 960, 960]);
    expect(blocks.map(({ position }) => position)).toEqual([0, 960, 1920, 2880]);
    expect(blocks.flatMap(({ samples }) => [...samples])).toEqual(Array.from({ length: 3840 }, (_, n) => n));
  });

  it("mixes channels to one", () => {
    processor.port.onmessage({ data: port });
    render(8, () => [1, 0]);
    expect([...new Set(blocks[0]?.samples)]).toEqual([0.5]);
  });

  it("keeps its place while the microphone is being changed", () => {
    processor.port.onmessage({ data: port });
    render(4, (n) => [n]);
    processor.process([[]]);
    render(4, (n) => [n]);
    expect(blocks[0]?.samples[959]).toBe(959);
  });

  it("ends when the encoder wants no more", () => {
    processor.port.onmessage({ data: port });
    expect(render(1, () => [0])).toBe(true);
    port.onmessage({ data: "stop" });
    expect(render(1, () => [0])).toBe(false);
  });
});
