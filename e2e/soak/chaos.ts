/**
 * Random cuts by a seed: what a mobile network does to a connection, in any order.
 */
import type { FaultProxy, Target } from "../support/fault-proxy.ts";

export type CutKind = "reset" | "mid-frame" | "refuse" | "black-hole" | "stall" | "throttle";

export interface Cut {
  /** After the one before it. */
  readonly afterMs: number;
  readonly kind: CutKind;
  /** How long the network stays like this; 0 for what is over at once. */
  readonly forMs: number;
}

/** Mulberry32: a small generator whose whole state is the seed. */
export function randomBySeed(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Bytes a second: about half of what the encoders send. */
const THROTTLED = 30_000;

/** @returns `count` cuts, spread over about `spanMs`. */
export function planCuts(random: () => number, count: number, spanMs: number): Cut[] {
  const kinds: readonly CutKind[] = [
    "reset",
    "reset",
    "mid-frame",
    "refuse",
    "black-hole",
    "stall",
    "throttle",
  ];
  return Array.from({ length: count }, () => {
    const kind = kinds[Math.floor(random() * kinds.length)] ?? "reset";
    const share = spanMs / count;
    const lasts = kind !== "reset" && kind !== "mid-frame";
    const forMs = lasts ? Math.round(share * (0.2 + 0.6 * random())) : 0;
    return { kind, forMs, afterMs: Math.round(share * (0.5 + random()) - forMs / 2) };
  });
}

/** Carries the cuts out, one after the other. The last one is over when it resolves. */
export async function carryOut(faults: FaultProxy, target: Target, cuts: readonly Cut[]): Promise<void> {
  for (const { kind, afterMs, forMs } of cuts) {
    await sleep(Math.max(0, afterMs));
    switch (kind) {
      case "reset":
        faults.cut(target);
        break;
      case "mid-frame":
        faults.cutMidFrame(target, 200);
        break;
      case "refuse":
        faults.set(target, { refuse: true });
        faults.cut(target);
        await sleep(forMs);
        faults.set(target, { refuse: false });
        break;
      case "black-hole":
        faults.set(target, { blackHole: true });
        await sleep(forMs);
        faults.set(target, { blackHole: false });
        break;
      case "stall":
        faults.set(target, { stall: true });
        await sleep(forMs);
        faults.set(target, { stall: false });
        break;
      case "throttle":
        faults.set(target, { bytesPerSecond: THROTTLED });
        await sleep(forMs);
        faults.set(target, { bytesPerSecond: null });
        break;
    }
  }
}

/** The pace of the faults themselves, which no condition can stand for. */
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
