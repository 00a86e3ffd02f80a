/**
 * Fits the video's rate to what the path carries, by one sign: how long the oldest chunk has been waiting. Pure.
 */

/** What the encoder shall do now. */
export interface VideoRate {
  readonly bitsPerSecond: number;
  readonly framesPerSecond: number;
}

export type PathState =
  /** As asked for. */
  | "clear"
  /** More than a second behind: fewer bits. */
  | "slow"
  /** More than three seconds behind: fewest bits, and half the frames. */
  | "very-slow"
  /** Caught up, and on the way back up. */
  | "recovering";

export interface RateState {
  readonly path: PathState;
  readonly rate: VideoRate;
  /** When the rate last changed; ms, on any clock that the caller keeps to. */
  readonly changedAt: number;
}

const SLOW_MS = 1_000;
const VERY_SLOW_MS = 3_000;
const CAUGHT_UP_MS = 200;
const SLOW_FACTOR = 0.6;
const VERY_SLOW_FACTOR = 0.35;
const RECOVERY_FACTOR = 1.25;
/** Long enough to see what the last step up did to the path. */
const RECOVERY_EVERY_MS = 5_000;
/** A step down needs this long to show in the outbox; another one before that would only be impatience. */
const STEP_DOWN_EVERY_MS = 1_000;
/** Below this a picture is not worth sending at any size that we have. */
const FLOOR_BITS_PER_SECOND = 150_000;
const SLOW_FRAMES_PER_SECOND = 15;

export function fullRate(wanted: VideoRate, now: number): RateState {
  return { path: "clear", rate: wanted, changedAt: now };
}

/**
 * @param wanted the preset's rate: the ceiling.
 * @param outboxAgeMs how long the oldest chunk that is not acknowledged has been waiting.
 * @returns the same object when there is nothing to change.
 */
export function nextRate(state: RateState, wanted: VideoRate, outboxAgeMs: number, now: number): RateState {
  const sinceMs = now - state.changedAt;
  if (outboxAgeMs > VERY_SLOW_MS) {
    if (state.path === "very-slow") return state;
    return lowered("very-slow", wanted, VERY_SLOW_FACTOR, now, state);
  }
  if (outboxAgeMs > SLOW_MS) {
    if (state.path === "very-slow") return state;
    if (state.path === "slow" && sinceMs < STEP_DOWN_EVERY_MS) return state;
    // Still behind after a step down, or slow again while it recovered: from where it is, not from the top.
    const from = state.path === "clear" ? wanted : state.rate;
    return lowered("slow", from, SLOW_FACTOR, now, state);
  }
  if (outboxAgeMs >= CAUGHT_UP_MS || state.path === "clear" || sinceMs < RECOVERY_EVERY_MS) return state;
  const bitsPerSecond = Math.min(
    wanted.bitsPerSecond,
    Math.round(state.rate.bitsPerSecond * RECOVERY_FACTOR),
  );
  const path = bitsPerSecond === wanted.bitsPerSecond ? "clear" : "recovering";
  return { path, rate: { bitsPerSecond, framesPerSecond: wanted.framesPerSecond }, changedAt: now };
}

function lowered(path: PathState, from: VideoRate, factor: number, now: number, state: RateState): RateState {
  const floor = Math.min(FLOOR_BITS_PER_SECOND, from.bitsPerSecond);
  const bitsPerSecond = Math.max(floor, Math.round(from.bitsPerSecond * factor));
  const framesPerSecond =
    path === "very-slow" ? Math.min(SLOW_FRAMES_PER_SECOND, from.framesPerSecond) : from.framesPerSecond;
  const isSame = path === state.path && bitsPerSecond === state.rate.bitsPerSecond;
  return isSame ? state : { path, rate: { bitsPerSecond, framesPerSecond }, changedAt: now };
}
