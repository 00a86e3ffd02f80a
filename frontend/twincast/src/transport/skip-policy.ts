/**
 * When a live stream stops trying to catch up and skips to now. Pure.
 */

export interface SkipPolicy {
  /** How late a connected stream may be before it asks whether it will ever catch up. */
  readonly maxBehindMs: number;
  /** How long catching up may take at the pace of the last seconds. */
  readonly maxCatchUpMs: number;
}

export interface Backlog {
  /**
   * How long the oldest chunk that was never sent has waited. What is on its way does not count: a skip cannot recall
   * it, and it stays late for as long as it takes to arrive.
   */
  readonly behindMs: number;
  readonly keptBytes: number;
  /** Acknowledged, over the last seconds. */
  readonly drainBytesPerSecond: number;
  /** Encoded, over the last seconds. */
  readonly produceBytesPerSecond: number;
  /** How long this connection has been open. */
  readonly openForMs: number;
}

/** Rates of a connection younger than this say nothing yet. */
const SETTLED_MS = 5_000;

export function shouldSkip(policy: SkipPolicy, backlog: Backlog): boolean {
  if (backlog.openForMs < SETTLED_MS || backlog.behindMs <= policy.maxBehindMs) return false;
  const gainBytesPerSecond = backlog.drainBytesPerSecond - backlog.produceBytesPerSecond;
  if (gainBytesPerSecond <= 0) return true;
  return (backlog.keptBytes / gainBytesPerSecond) * 1_000 > policy.maxCatchUpMs;
}
