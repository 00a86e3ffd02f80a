/** What a cut of the network cost, by what was given and what arrived. Pure. */
import type { Arrival } from "../latency/arrivals.ts";

/**
 * The network was gone from `fromMs` to `untilMs`; what was given until `judgedUntilMs` had the time to arrive before
 * `endMs`, when something else happened.
 */
export interface Cut {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly judgedUntilMs: number;
  readonly endMs: number;
}

export interface Loss {
  /** Of what was given, how much never came. */
  readonly lostMs: number;
  /** The part of it that a person sees as a standstill or hears as a hole; the rest is a lower frame rate. */
  readonly frozenMs: number;
  /** From the network's return to the first thing in the handler that was captured after it; null for not before the end. */
  readonly backAfterMs: number | null;
}

/** What was on its way when the network went belongs to the cut. */
const BEFORE_MS = 500;
/**
 * A picture stands still where the next one comes by so much later than usual: `freezeCount` of webrtc-stats,
 * https://www.w3.org/TR/webrtc-stats/#dom-rtcinboundrtpstreamstats-freezecount
 */
const FROZEN_MS = 150;

/**
 * @param given when each picture or tone was given to its track, in order. @param everyMs how far they are apart: what each
 *   stands for. @param arrivals in any order; one that came twice counts once.
 */
export function lossOf(
  given: readonly number[],
  everyMs: number,
  arrivals: readonly Arrival[],
  cut: Cut,
): Loss {
  const inside = given.filter((at) => at >= cut.fromMs - BEFORE_MS && at < cut.judgedUntilMs);
  const arrived = new Set(arrivals.map(({ capturedAt }) => capturedAt));
  let lost = 0;
  let frozenMs = 0;
  let run = 0;
  for (const at of [...inside, null]) {
    if (at !== null && !arrived.has(at)) {
      run++;
      continue;
    }
    lost += run;
    if (run * everyMs >= FROZEN_MS) frozenMs += run * everyMs;
    run = 0;
  }
  const after = arrivals.filter(
    ({ capturedAt, receivedAt }) => capturedAt >= cut.untilMs && receivedAt < cut.endMs,
  );
  const backAt = Math.min(...after.map(({ receivedAt }) => receivedAt));
  return {
    lostMs: lost * everyMs,
    frozenMs,
    backAfterMs: after.length === 0 ? null : backAt - cut.untilMs,
  };
}
