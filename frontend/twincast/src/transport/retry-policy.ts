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
  /** Of this stream, in the last `HANDSHAKE_MEMORY_MS`. */
  readonly handshakes: Handshakes;
  /** How long the first attempt after a loss may take; see `StreamLimits`. */
  readonly firstTimeoutMs: number;
}

export interface Handshakes {
  readonly failed: number;
  readonly succeeded: number;
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
/**
 * An attempt's SYN goes out at 0, 1, 3, 7 … s (RFC 6298), and browsers open one WebSocket per host at a time
 * (RFC 6455, section 4.1). Two streams whose attempts take turns every 1.5 s send one SYN a second or more.
 */
const ATTEMPT_MS = 3_000;
/** Chromium holds a socket back for up to 5 s; then its SYN goes out at 0 and 1 s. */
const LONG_ATTEMPT_MS = 6_000;

/** Chromium counts failed handshakes of a page for two to four minutes. */
export const HANDSHAKE_MEMORY_MS = 240_000;
/** From here on a new socket is held back for 0.25 to 1.25 s, and twice as long with every step. */
const HELD_BACK_EXPONENT = 14;

/**
 * A refusal says that someone answers: back off with full jitter, so that a thousand phones do not return in step.
 * An attempt that hung says that nothing arrives: try again at once, because SYNs are repeated ever more seldom, and a
 * fresh socket is what notices first that the path is back.
 */
export function nextRetry(context: RetryContext): Retry {
  const { failure, attempt, random } = context;
  const timeoutMs = attemptMs(context);
  switch (failure) {
    case "lost":
    case "hung":
      return { delayMs: 0, timeoutMs };
    case "refused":
      return { delayMs: random * Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** attempt), timeoutMs };
  }
}

function attemptMs({ attempt, rttMs, handshakes, firstTimeoutMs }: RetryContext): number {
  if (isLong(attempt) || isHeldBack(handshakes)) return LONG_ATTEMPT_MS;
  const usualMs = attempt === 0 ? firstTimeoutMs : ATTEMPT_MS;
  return Math.min(LONG_ATTEMPT_MS, Math.max(usualMs, HANDSHAKE_ROUND_TRIPS * (rttMs ?? 0)));
}

/**
 * Chromium starts a WebSocket after (1 to 5 s) * 2^min(16, pending + failed / (succeeded + 1)) / 2^16, counted for
 * all sockets of the page (services/network/websocket_throttler.cc). An attempt shorter than that never sends a SYN
 * and counts as failed again: short attempts would lock the page out of a path that is long back. The other stream
 * is taken to fare alike.
 */
function isHeldBack({ failed, succeeded }: Handshakes): boolean {
  return Math.floor((2 * failed) / (2 * succeeded + 1)) >= HELD_BACK_EXPONENT;
}

/** A path that became slow needs a long attempt now and then: the 8th, the 32nd, the 128th … */
function isLong(attempt: number): boolean {
  for (let nth = 8; nth <= attempt + 1; nth *= 4) if (nth === attempt + 1) return true;
  return false;
}

/** The first connection of a stream: at once, and with a long timeout. */
export const FIRST_TRY: Retry = { delayMs: 0, timeoutMs: 4_000 };

/** While the browser says that it is offline it may be wrong (`navigator.onLine` is a guess): look now and then. */
export const OFFLINE_RETRY_MS = MAX_BACKOFF_MS;

const MIN_SILENCE_MS = 2_500;
const SILENCE_ROUND_TRIPS = 4;
const MAX_DOUBLINGS = 4;

/**
 * How long a connection may stay silent while an answer is due before its path counts as dead. A browser's own
 * `onclose` was measured to come after 939 s in a black hole.
 *
 * @param rttMs smoothed round-trip time, null before the first pong.
 * @param unansweredInARow how many connections in a row died without one acknowledgement: each doubles the limit,
 *   so that an uplink slower than its first chunk is not cut off for ever.
 * @param messageMs how long the message that is on its way may take because of its size: nothing comes back before
 *   it has arrived whole.
 */
export function silenceLimitMs(rttMs: number | null, unansweredInARow: number, messageMs = 0): number {
  const base = Math.max(MIN_SILENCE_MS, SILENCE_ROUND_TRIPS * (rttMs ?? 0)) + messageMs;
  return base * 2 ** Math.min(unansweredInARow, MAX_DOUBLINGS);
}
