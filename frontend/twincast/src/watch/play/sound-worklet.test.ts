import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { SoundCommand, SoundReport } from "./sound";

interface Processor {
  onCommand(command: SoundCommand): void;
  process(inputs: Float32Array[][], outputs: Float32Array[][]): boolean;
}

const RATE = 48_000;
const QUANTUM_MS = (128 / RATE) * 1e3;
let Worklet: new () => Processor;
let processor: Processor;
let reports: SoundReport[];

beforeAll(async () => {
  // What an AudioWorkletGlobalScope has.
  vi.stubGlobal("sampleRate", RATE);
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
  await import("./sound-worklet.js");
});

beforeEach(() => {
  processor = new Worklet();
  reports = [];
  const port = { postMessage: (report: SoundReport) => reports.push(report) } as unknown as MessagePort;
  processor.onCommand({ kind: "connect", port });
});

/** Sound whose every sample is its own capture time in ms, divided by 10^6: what is heard tells what it is. */
function give(capturedAt: number, ms: number): void {
  const samples = Float32Array.from(
    { length: (ms * RATE) / 1e3 },
    (_, n) => (capturedAt + (n / RATE) * 1e3) / 1e6,
  );
  processor.onCommand({ kind: "samples", samples, capturedAt });
}

/** @returns the capture time of each sample that is heard; null for silence. */
function play(ms: number): (number | null)[] {
  const heard: (number | null)[] = [];
  for (let at = 0; at < ms; at += QUANTUM_MS) {
    const output = new Float32Array(128);
    processor.process([], [[output]]);
    heard.push(...Array.from(output, (value) => (value === 0 ? null : value * 1e6)));
  }
  return heard;
}

/** Fades change what is heard for a moment. */
const steady = (heard: readonly (number | null)[]) => heard.slice(96);

describe("sound", () => {
  it("is played when 60 ms of it wait, and not before", () => {
    give(1_000, 40);
    expect(play(10).every((sample) => sample === null)).toBe(true);
    give(1_040, 20);
    expect(play(10).every((sample) => sample === null)).toBe(false);
  });

  it("is played whole and in order over any number of blocks", () => {
    for (let at = 0; at < 5; at++) give(1_000 + at * 20, 20);
    processor.onCommand({ kind: "target", ms: 100 });
    const heard = steady(play(90));
    for (const [n, sample] of heard.entries()) {
      expect(sample).toBeCloseTo(1_000 + ((n + 96) / RATE) * 1e3, 0);
    }
  });

  it("of the time before the join is left out: it begins 60 ms behind the newest", () => {
    // A second came at once, from the place where a decoder could begin.
    for (let at = 0; at < 50; at++) give(1_000 + at * 20, 20);
    expect(steady(play(5))[0]).toBeCloseTo(1_940 + (96 / RATE) * 1e3, 0);
  });

  it("is brought back to 60 ms when more than 140 ms wait, and left alone below", () => {
    for (let at = 0; at < 3; at++) give(1_000 + at * 20, 20);
    play(QUANTUM_MS);
    for (let at = 3; at < 6; at++) give(1_000 + at * 20, 20);
    expect(steady(play(3))[0]).toBeCloseTo(1_000 + (224 / RATE) * 1e3, 0);
    for (let at = 6; at < 9; at++) give(1_000 + at * 20, 20);
    expect(steady(play(3))[0]).toBeCloseTo(1_100 + (96 / RATE) * 1e3, 0);
  });

  it("waits again after it ran out, so that it does not stutter", () => {
    give(1_000, 60);
    play(70);
    give(1_080, 20);
    expect(play(10).every((sample) => sample === null)).toBe(true);
    give(1_100, 40);
    expect(play(10).some((sample) => sample !== null)).toBe(true);
  });

  it("waits for slow pictures when it is told to", () => {
    processor.onCommand({ kind: "target", ms: 300 });
    for (let at = 0; at < 14; at++) give(1_000 + at * 20, 20);
    expect(play(10).every((sample) => sample === null)).toBe(true);
    give(1_280, 20);
    expect(play(10).some((sample) => sample !== null)).toBe(true);
  });

  it("tells when what is heard was captured, how much waits, and what it left out", () => {
    for (let at = 0; at < 50; at++) give(1_000 + at * 20, 20);
    play(30);
    const [report] = reports;
    // The tenth block of 128.
    expect(report?.capturedAt).toBeCloseTo(1_940 + 9 * QUANTUM_MS, 0);
    expect(report?.waitingMs).toBeCloseTo(60 - 10 * QUANTUM_MS, 0);
    expect(report).toMatchObject({ underruns: 0, trimmedMs: 940 });
  });

  it("tells nothing while nothing is heard, forgets what it is told to forget, and ends", () => {
    play(100);
    give(1_000, 80);
    processor.onCommand({ kind: "clear" });
    expect(play(60).every((sample) => sample === null)).toBe(true);
    expect(reports).toEqual([]);
    processor.onCommand({ kind: "stop" });
    expect(processor.process([], [[new Float32Array(128)]])).toBe(false);
  });

  it("fades in wherever it was cut, so that no step is heard", () => {
    give(900_000, 60);
    const output = new Float32Array(128);
    processor.process([], [[output]]);
    expect(output[0]).toBeLessThan(0.02);
    expect(output[110]).toBeCloseTo(0.9, 2);
  });
});
