/** From the rounds of a peer to one row: the median of what each round says. Pure. */
import { percentile } from "../../frontend/twincast/src/percentile.ts";
import type { Loss } from "./loss.ts";
import { type Both, CUT_KINDS, type CutKind, type Figures, type SessionResult } from "./session.ts";

export interface MediumSummary {
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  /** Of what was given in the calm stretch of all rounds, how much never came. */
  readonly droppedShare: number;
  /** Null for a cut after which it did not come back in half of the rounds. */
  readonly cuts: Readonly<Partial<Record<CutKind, CutSummary>>>;
}

export interface CutSummary {
  readonly lostMs: number | null;
  readonly frozenMs: number | null;
  readonly backAfterMs: number | null;
}

export interface PointSummary {
  readonly video: MediumSummary;
  readonly audio: MediumSummary;
  /** Pictures in a session that came, and cannot be read. */
  readonly damaged: number | null;
}

export interface PeerSummary {
  readonly rounds: number;
  readonly format: string;
  /** What the peer itself said of what is missing, a sentence for each round. */
  readonly accounts: readonly string[];
  readonly bytes: PointSummary | null;
  readonly decoded: PointSummary | null;
  readonly serverPercent: Readonly<Record<string, number | null>>;
  readonly browserPercent: number | null;
  readonly sourceLatenessP95Ms: number | null;
}

/** @param sessions at least one. */
export function summaryOf(sessions: readonly SessionResult[]): PeerSummary {
  const servers = Object.keys(sessions[0]?.serverPercent ?? {});
  return {
    rounds: sessions.length,
    format: [...new Set(sessions.map(({ format }) => format))].join("; "),
    accounts: sessions.flatMap(({ account }) => (account === null ? [] : [account])),
    bytes: pointOf(sessions.map(({ bytes }) => bytes)),
    decoded: pointOf(sessions.map(({ decoded }) => decoded)),
    serverPercent: Object.fromEntries(
      servers.map((name) => [name, median(sessions.map((one) => one.serverPercent[name] ?? null))]),
    ),
    browserPercent: median(sessions.map(({ browserPercent }) => browserPercent)),
    sourceLatenessP95Ms: shareOf(
      sessions.flatMap(({ sourceLatenessMs }) => sourceLatenessMs),
      0.95,
    ),
  };
}

function pointOf(rounds: readonly (Both | null)[]): PointSummary | null {
  const whole = rounds.filter((round) => round !== null);
  if (whole.length === 0) return null;
  return {
    video: mediumOf(whole.map(({ video }) => video)),
    audio: mediumOf(whole.map(({ audio }) => audio)),
    damaged: median(whole.map(({ damaged }) => damaged)),
  };
}

function mediumOf(rounds: readonly Figures[]): MediumSummary {
  const sum = (of: (round: Figures) => number) => rounds.reduce((total, round) => total + of(round), 0);
  const cuts = CUT_KINDS.flatMap((kind) => {
    const losses = rounds.flatMap(({ losses: { [kind]: loss } }) => (loss ? [loss] : []));
    return losses.length === 0 ? [] : [[kind, cutOf(losses)] as const];
  });
  return {
    p50Ms: median(rounds.map(({ delaysMs }) => shareOf(delaysMs, 0.5))),
    p95Ms: median(rounds.map(({ delaysMs }) => shareOf(delaysMs, 0.95))),
    droppedShare: sum(({ dropped }) => dropped) / sum(({ given }) => given),
    cuts: Object.fromEntries(cuts),
  };
}

const cutOf = (losses: readonly Loss[]): CutSummary => ({
  lostMs: median(losses.map(({ lostMs }) => lostMs)),
  frozenMs: median(losses.map(({ frozenMs }) => frozenMs)),
  backAfterMs: median(losses.map(({ backAfterMs }) => backAfterMs)),
});

const shareOf = (samples: readonly number[], share: number) => percentile(samples, share) ?? null;

/** Null is worse than every number: what never came back. */
function median(values: readonly (number | null)[]): number | null {
  const sorted = values.toSorted((a, b) => (a ?? Number.POSITIVE_INFINITY) - (b ?? Number.POSITIVE_INFINITY));
  const middle = (sorted.length - 1) / 2;
  const [low = null, high = null] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
  return low === null || high === null ? null : (low + high) / 2;
}
