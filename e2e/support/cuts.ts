/**
 * Random cuts of one stream: a plan that a seed repeats, its execution at the fault proxy, and the time that the
 * backend had to wait for the stream after each.
 */
import type { StreamKind } from "twincast";
import type { FaultProxy } from "./fault-proxy.ts";
import { type Random, seeded } from "./random.ts";
import type { RecordedStream } from "./recording.ts";

type Damage =
  | { readonly kind: "reset" }
  | { readonly kind: "mid-frame"; readonly afterBytes: number }
  | { readonly kind: "refuse" | "black-hole" | "stall"; readonly lengthMs: number }
  | { readonly kind: "throttle"; readonly lengthMs: number; readonly bytesPerSecond: number };
export type CutKind = Damage["kind"];

export type Cut = Damage & {
  /** Pause before it, counted from the end of the cut before. */
  readonly pauseMs: number;
  /** Whether the stream has recovered from the cut before, or is hit again while it tries to. */
  readonly hits: "streaming" | "recovering";
};

/** Of 20 cuts. A black hole takes as long as six others. */
const SHARES: Record<CutKind, number> = {
  reset: 6,
  "mid-frame": 4,
  refuse: 3,
  "black-hole": 2,
  stall: 3,
  throttle: 2,
};
/** The part of the cuts that hit a stream before it has recovered from the one before. */
const HITS_RECOVERING = 0.3;

/** The kinds come in fixed shares; order, times and sizes are the seed's. */
export function planCuts(seed: number, count: number): Cut[] {
  const random = seeded(seed);
  const deck = (Object.keys(SHARES) as CutKind[]).flatMap((kind) => Array<CutKind>(SHARES[kind]).fill(kind));
  const kinds: CutKind[] = [];
  while (kinds.length < count) kinds.push(...random.shuffled(deck));
  return kinds.slice(0, count).map((kind) => ({
    hits: random.next() < HITS_RECOVERING ? "recovering" : "streaming",
    pauseMs: random.between(0, 400),
    ...damage(kind, random),
  }));
}

function damage(kind: CutKind, { between }: Random): Damage {
  switch (kind) {
    case "reset":
      return { kind };
    case "mid-frame":
      return { kind, afterBytes: Math.floor(between(1, 3_000)) };
    case "black-hole":
      return { kind, lengthMs: between(1_000, 4_000) };
    case "refuse":
    case "stall":
      return { kind, lengthMs: between(200, 1_500) };
    case "throttle":
      return { kind, lengthMs: between(300, 1_500), bytesPerSecond: between(5_000, 60_000) };
  }
}

/** A cut as it happened, in ms since the epoch. */
export interface DoneCut {
  readonly kind: CutKind;
  readonly stream: StreamKind;
  readonly beganAt: number;
  /** When the path was whole again; the same as `beganAt` where it was never gone. */
  readonly endedAt: number;
  /** Whether the next cut waited until the stream had recovered from this one. */
  readonly settled: boolean;
}

const TIMEOUT_MS = 20_000;
const LOOK_EVERY_MS = 50;

/**
 * @param stream as the backend recorded it; it says when a cut is over.
 * @param deadline no cut begins after it, ms since the epoch.
 * Rejects when the stream does not come back.
 */
export async function playCuts(
  plan: readonly Cut[],
  proxy: FaultProxy,
  kind: StreamKind,
  stream: RecordedStream,
  deadline = Number.POSITIVE_INFINITY,
): Promise<DoneCut[]> {
  const done: DoneCut[] = [];
  for (const [index, cut] of plan.entries()) {
    await sleep(cut.pauseMs);
    if (Date.now() > deadline) break;
    const beganAt = Date.now();
    await make(cut, proxy, kind);
    const endedAt = Date.now();
    const settled = plan[index + 1]?.hits !== "recovering";
    done.push({ kind: cut.kind, stream: kind, beganAt, endedAt, settled });
    if (settled) await streamsAfter(() => stream, endedAt, `${kind} after cut ${index + 1} (${cut.kind})`);
  }
  return done;
}

async function make(cut: Cut, proxy: FaultProxy, kind: StreamKind): Promise<void> {
  switch (cut.kind) {
    case "reset":
      return proxy.cut(kind);
    case "mid-frame":
      return proxy.cutMidFrame(kind, cut.afterBytes);
    case "refuse":
      proxy.set(kind, { refuse: true });
      proxy.cut(kind);
      break;
    case "black-hole":
      proxy.set(kind, { blackHole: true });
      break;
    case "stall":
      proxy.set(kind, { stall: true });
      break;
    case "throttle":
      proxy.set(kind, { bytesPerSecond: cut.bytesPerSecond });
      break;
  }
  await sleep(cut.lengthMs);
  proxy.clear(kind);
}

/** Resolves when the backend has media that were captured after `since`. @param stream the session may begin later. */
export async function streamsAfter(
  stream: () => RecordedStream,
  since: number,
  what: string,
  timeoutMs = TIMEOUT_MS,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while ((stream().lastChunk?.capturedTo ?? 0) <= since) {
    if (Date.now() > deadline) throw new Error(`The backend waited ${timeoutMs} ms for ${what}.`);
    await sleep(LOOK_EVERY_MS);
  }
}

/** Cuts that a connection does not survive. */
const FATAL: Record<CutKind, boolean> = {
  reset: true,
  "mid-frame": true,
  refuse: true,
  "black-hole": true,
  stall: false,
  throttle: false,
};

/**
 * How long the backend waited for the stream after each cut that the next one let recover: from the path's return to
 * the first chunk that came by it, ms. What a broken connection had still in its buffers does not count.
 */
export function recoveriesMs(cuts: readonly DoneCut[], stream: RecordedStream): Map<DoneCut, number> {
  let connection = 0;
  const arrivals = stream.events.flatMap((event) => {
    if (event.event === "opened") connection++;
    return event.event === "chunk" ? [{ connection, at: event.receivedAt }] : [];
  });
  const waits = new Map<DoneCut, number>();
  for (const cut of cuts.filter(({ settled }) => settled)) {
    const before = arrivals.findLast(({ at }) => at < cut.beganAt)?.connection ?? 0;
    const first = arrivals.find((arrival) => {
      return arrival.at >= cut.endedAt && (arrival.connection > before || !FATAL[cut.kind]);
    });
    if (first) waits.set(cut, first.at - cut.endedAt);
  }
  return waits;
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
