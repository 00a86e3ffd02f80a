/**
 * When to open the next socket, and how long to wait for it. One pure function; `Connection` is the only caller.
 */

/** Why there is no connection. `lost`: one that worked ended. `hung`: an attempt ran out of time. `refused`: it failed. */
export type Failure = "lost" | "hung" | "refused";

export interface RetryContext {
  readonly failure: Failure;
  /** Attempts since the last connection that made progress, this one not counted. */
  readonly attempt: number;
  /** Smoothed round-trip time of the last connection, or null before the first. */
  readonly rttMs: number | null;
  /** 0 <= random < 1. */
  readonly random: number;
}

export interface Retry {
  readonly delayMs: number;
  /** How long the attempt may take to open, and then again to be greeted. */
  readonly timeoutMs: number;
}

const FIRST_BACKOFF_MS = 300;
const MAX_BACKOFF_MS = 5_000;
/** TCP, TLS and WebSocket handshakes take three to four round trips; six leave room for a lost packet. */
const HANDSHAKE_ROUND_TRIPS = 6;
const SHORT_TIMEOUT_MS = 1_000;
const FULL_TIMEOUT_MS = 4_000;

/**
 * A refusal says that someone answers: back off with full jitter, so that a thousand phones do not return in step.
 * An attempt that hung says that nobody hears: try again at once, because the operating system's own
 * SYN retransmission waits 1, 2, 4 … s and a fresh socket is what notices first that the path is back.
 * (Browsers open one WebSocket per host at a time, RFC 6455 section 4.1, so attempts cannot race.)
 */
export function nextRetry({ failure, attempt, rttMs, random }: RetryContext): Retry {
  const timeoutMs = isPatient(attempt)
    ? FULL_TIMEOUT_MS
    : Math.min(FULL_TIMEOUT_MS, Math.max(SHORT_TIMEOUT_MS, HANDSHAKE_ROUND_TRIPS * (rttMs ?? 0)));
  switch (failure) {
    case "lost":
    case "hung":
      return { delayMs: 0, timeoutMs };
    case "refused":
      return { delayMs: random * Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** attempt), timeoutMs };
  }
}

/**
 * Short attempts find a returned path soonest; a path that became slow needs a long one now and then: the 8th, the
 * 32nd, the 128th …
 */
function isPatient(attempt: number): boolean {
  for (let nth = 8; nth <= attempt + 1; nth *= 4) if (nth === attempt + 1) return true;
  return false;
}

/** The first connection of a stream: at once, and patient. */
export const FIRST_TRY: Retry = { delayMs: 0, timeoutMs: FULL_TIMEOUT_MS };

/** While the browser says that it is offline it may be wrong (`navigator.onLine` is a guess): look now and then. */
export const OFFLINE_RETRY_MS = MAX_BACKOFF_MS;

const MIN_SILENCE_MS = 2_500;
const SILENCE_ROUND_TRIPS = 4;
const MAX_PATIENCE = 4;

/**
 * How long a connection may stay silent while an answer is due before its path counts as dead. A browser's own
 * `onclose` was measured to come after 939 s in a black hole.
 *
 * @param rttMs smoothed round-trip time, null before the first pong.
 * @param barren how many connections in a row died without one acknowledgement: each doubles the patience, so
 *   that an uplink slower than its first chunk is not cut off for ever.
 */
export function silenceLimitMs(rttMs: number | null, barren: number): number {
  const base = Math.max(MIN_SILENCE_MS, SILENCE_ROUND_TRIPS * (rttMs ?? 0));
  return base * 2 ** Math.min(barren, MAX_PATIENCE);
}
