/**
 * Fits an encoder's bit-rate to what its path carries.
 *
 * Down at once, to what was acknowledged less what is needed to send what has queued. Judged by what the encoder really
 * brings, because encoders overshoot low rates: it goes on until that fits. A burst is no sign (every key frame is
 * one): a queue counts when it has not emptied for a while, as in CoDel (RFC 8289).
 *
 * Up slowly, and past the rate at which the path was last full only after a pause that grows with every failure.
 */
import type { PathFigures } from "../transport";

export interface RateTuning {
  /** The encoder is never asked for less. */
  readonly floorBitsPerSecond: number;
  /** A queue of this age that does not empty is one too many. */
  readonly standingQueueMs: number;
  /** A queue of this age is one too many at once. */
  readonly longQueueMs: number;
  /** From one step down to the next: it has to show first. */
  readonly lowerEveryMs: number;
  readonly raiseEveryMs: number;
  /** From a full path to the first step past its rate; twice as long after each failure. */
  readonly holdMs: number;
  readonly maxHoldMs: number;
}

/** The path was full at this rate of the encoder. */
interface Limit {
  readonly bitsPerSecond: number;
  readonly at: number;
  readonly holdMs: number;
}

interface Sample {
  readonly at: number;
  readonly ackedBytes: number;
  readonly producedBytes: number;
  readonly lateMs: number;
}

/** What the encoder brings is measured over two key frames. */
const PRODUCED_SPAN_MS = 4_000;
/** What arrives, over some acknowledgements of the slowest path. */
const ACKED_SPAN_MS = 2_000;
/** An encoder that brings nothing at all is taken to bring this. */
const LEAST_BYTES_PER_SECOND = 100;
/** A queue that did not empty for this long is standing: longer than the one that a key frame makes. */
const STANDING_MS = 2_000;
/** Of `longQueueMs`, as long as the path was never full: the rate may be many times what it carries. */
const FIRST_TIME = 0.4;
/** A younger connection has not acknowledged enough to tell. */
const SETTLED_MS = 1_000;
/** The send window opens with what comes back. */
const SETTLED_ROUND_TRIPS = 3;
/** From another rate to the first bytes of it: what is in the encoder and in its chunk. */
const ENCODER_LAG_MS = 300;
/** Nothing was acknowledged for this long: whether the path is slow or gone is yet to be seen. */
const UNSURE_MS = 600;
/** Nothing was acknowledged for this long, and the connection is not taken for dead: the path is very slow. */
const SILENT_MS = 2_500;
const SILENT_FACTOR = 0.4;
/** Of what was acknowledged: what is left is for the other stream, and for what else shares the path. */
const SHARE = 0.85;
/** A queue is to be gone after this time, while the encoder goes on. */
const DRAIN_MS = 6_000;
/** No step down is larger: the figures that it rests on are a moment's. */
const MAX_STEP_DOWN = 0.15;
/** No step down is smaller. */
const MIN_STEP_DOWN = 0.85;
/** This near to the rate of a full path it goes on only after the pause. */
const NEAR_LIMIT = 0.9;
/** This far beyond it the path is another one. */
const FAR_BEYOND_LIMIT = 1.5;
const STEP_UP = 1.15;
const QUICK_STEP_UP = 1.3;

export class RateControl {
  readonly #wanted: number;
  readonly #tuning: RateTuning;
  #bitsPerSecond: number;
  #changedAt = Number.NEGATIVE_INFINITY;
  #limit: Limit | null = null;
  #samples: Sample[] = [];

  /** @param wanted bits per second: the ceiling, and the rate to begin with. */
  constructor(wanted: number, tuning: RateTuning) {
    this.#wanted = wanted;
    this.#tuning = { ...tuning, floorBitsPerSecond: Math.min(wanted, tuning.floorBitsPerSecond) };
    this.#bitsPerSecond = wanted;
  }

  get bitsPerSecond(): number {
    return this.#bitsPerSecond;
  }

  /**
   * Takes the figures of a moment; call it a few times a second.
   * @param now ms, on any clock that does not go back.
   * @returns the bits per second that the encoder shall be asked for.
   */
  follow(path: PathFigures, now: number): number {
    this.#remember(path, now);
    const { raiseEveryMs } = this.#tuning;
    const lowerEveryMs = this.#tuning.lowerEveryMs + path.wayMs;
    const settledMs = SETTLED_MS + SETTLED_ROUND_TRIPS * path.wayMs;
    if (path.openForMs === null || path.openForMs < settledMs) return this.#bitsPerSecond;
    const changedMs = now - this.#changedAt;
    const acked = this.#ackedPerSecond(Math.min(ACKED_SPAN_MS, path.openForMs), now);
    const produced = Math.max(
      LEAST_BYTES_PER_SECOND,
      this.#producedPerSecond(Math.min(PRODUCED_SPAN_MS, changedMs - ENCODER_LAG_MS), now),
    );
    if (path.silentMs > SILENT_MS) {
      if (changedMs >= lowerEveryMs) this.#set(this.#bitsPerSecond * SILENT_FACTOR, now);
    } else if (path.silentMs > UNSURE_MS) {
      return this.#bitsPerSecond;
    } else if (this.#isFull(path, acked, produced, now)) {
      if (changedMs >= lowerEveryMs) this.#lower(path, acked, produced, now);
    } else if (this.#standingMs(now) === 0 && changedMs >= raiseEveryMs) {
      this.#raise(now);
    }
    return this.#bitsPerSecond;
  }

  /** Whether more comes in than goes out, and will not be made up for soon. */
  #isFull(path: PathFigures, acked: number, produced: number, now: number): boolean {
    const { standingQueueMs, longQueueMs } = this.#tuning;
    const isLong = path.lateMs >= (this.#limit ? longQueueMs : longQueueMs * FIRST_TIME);
    if (this.#standingMs(now) < standingQueueMs && !isLong) return false;
    if (this.#shrinksSoon(path, now)) return false;
    const gain = acked - produced;
    return gain <= 0 || (queuedBytes(path, acked) / gain) * 1_000 > 2 * DRAIN_MS;
  }

  /** Whether the queue has become so much shorter in a second that it will soon be gone. */
  #shrinksSoon({ lateMs }: PathFigures, now: number): boolean {
    const before = this.#samples.filter(({ at }) => at >= now - STANDING_MS && at < now - STANDING_MS / 2);
    const after = this.#samples.filter(({ at }) => at >= now - STANDING_MS / 2);
    const shrunkMs = shortestMs(before) - shortestMs(after);
    return before.length > 0 && shrunkMs * ((2 * DRAIN_MS) / (STANDING_MS / 2)) > lateMs;
  }

  #lower(path: PathFigures, acked: number, produced: number, now: number): void {
    const { holdMs, maxHoldMs } = this.#tuning;
    const before = this.#limit;
    // What the encoder does not use of its rate says nothing of the path.
    const used = Math.min(this.#bitsPerSecond, produced * 8);
    const carried = used * Math.min(1, acked / produced);
    const isSame = before !== null && now - before.at < 2 * DRAIN_MS;
    const isAgain = before !== null && now - before.at < 4 * before.holdMs;
    this.#limit = {
      bitsPerSecond: isSame ? Math.min(before.bitsPerSecond, carried) : carried,
      at: now,
      holdMs: isSame ? before.holdMs : isAgain ? Math.min(maxHoldMs, 2 * before.holdMs) : holdMs,
    };
    const goal = acked * SHARE - queuedBytes(path, acked) / (DRAIN_MS / 1_000);
    const factor = Math.min(MIN_STEP_DOWN, Math.max(MAX_STEP_DOWN, goal / produced));
    this.#set(used * factor, now);
  }

  #raise(now: number): void {
    const limit = this.#limit;
    const isFar = limit === null || this.#bitsPerSecond > limit.bitsPerSecond * FAR_BEYOND_LIMIT;
    const next = this.#bitsPerSecond * (isFar ? QUICK_STEP_UP : STEP_UP);
    const isHeld = limit !== null && next > limit.bitsPerSecond * NEAR_LIMIT && now - limit.at < limit.holdMs;
    if (!isHeld) this.#set(next, now);
  }

  #set(bitsPerSecond: number, now: number): void {
    const { floorBitsPerSecond } = this.#tuning;
    const next = Math.round(Math.min(this.#wanted, Math.max(floorBitsPerSecond, bitsPerSecond)));
    if (next === this.#bitsPerSecond) return;
    this.#bitsPerSecond = next;
    this.#changedAt = now;
  }

  #remember({ ackedBytes, producedBytes, lateMs }: PathFigures, now: number): void {
    this.#samples = this.#samples.filter(({ at }) => at >= now - PRODUCED_SPAN_MS && at < now);
    this.#samples.push({ at: now, ackedBytes, producedBytes, lateMs });
  }

  /** The shortest that the queue was lately. */
  #standingMs(now: number): number {
    return shortestMs(this.#samples.filter(({ at }) => at >= now - STANDING_MS));
  }

  #ackedPerSecond(spanMs: number, now: number): number {
    return this.#perSecond(spanMs, now, ({ ackedBytes }) => ackedBytes);
  }

  #producedPerSecond(spanMs: number, now: number): number {
    return this.#perSecond(spanMs, now, ({ producedBytes }) => producedBytes);
  }

  #perSecond(spanMs: number, now: number, of: (sample: Sample) => number): number {
    const span = this.#samples.filter(({ at }) => at >= now - spanMs);
    const first = span[0] as Sample;
    const last = span.at(-1) as Sample;
    return first === last ? 0 : ((of(last) - of(first)) * 1_000) / (last.at - first.at);
  }
}

const shortestMs = (samples: readonly Sample[]) => Math.min(...samples.map(({ lateMs }) => lateMs));

/** What has queued, as far as it can be told: the age of the oldest says it, and there is no more than what is kept. */
function queuedBytes({ lateMs, keptBytes }: PathFigures, ackedPerSecond: number): number {
  return Math.min(keptBytes, (ackedPerSecond * lateMs) / 1_000);
}
