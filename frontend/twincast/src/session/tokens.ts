/**
 * What streams show to a guarded backend. Tokens are short-lived and sessions are not, so another one is fetched in good
 * time before the last one ends, and at once when a backend takes it no more.
 */

import type { Clock } from "../clock";
import type { StreamKind } from "../model/stream";

/** What each stream says in its `hello`. */
export type Tokens = Partial<Record<StreamKind, string>>;

/** What a session is allowed to show, and for how long. */
export interface IssuedTokens {
  /** One for each stream; without one, a stream shows nothing. */
  readonly tokens: Tokens;
  /** For how long from now on they are good; null where they do not end. */
  readonly lifetimeMs: number | null;
}

/**
 * Fetches tokens for a session, at its start and again in good time before they end.
 *
 * @param session its id, a UUID.
 * @returns no tokens for an open backend. Rejects with an `Error` whose message is a sentence for the person.
 */
export type FetchTokens = (session: string) => Promise<IssuedTokens>;

export const noTokens: FetchTokens = async () => ({ tokens: {}, lifetimeMs: null });

/** In a tunnel a request may never be answered; Start must be. */
export const TOKENS_TIMEOUT_MS = 5_000;

/**
 * Asks the page's own server, which has the backend's secret: it is sent `{ "session": "<uuid>" }`, and answers with
 * `{ "video": "…", "audio": "…", "lifetimeMs": 600000 }`, or with an error status and a sentence in `message`.
 *
 * @param url of the page's own origin, or one whose server lets this page ask.
 */
export const fetchTokensFrom =
  (url: string): FetchTokens =>
  (session) =>
    askForTokens(url, session);

async function askForTokens(url: string, session: string): Promise<IssuedTokens> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ session }),
    signal: AbortSignal.timeout(TOKENS_TIMEOUT_MS),
  }).catch(() => null);
  if (!response) throw new Error("The page's server does not answer.");
  const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (!response.ok) {
    throw new Error(typeof body.message === "string" ? body.message : "The page's server gives no token.");
  }
  const tokens: Tokens = {};
  if (typeof body.video === "string") tokens.video = body.video;
  if (typeof body.audio === "string") tokens.audio = body.audio;
  return { tokens, lifetimeMs: typeof body.lifetimeMs === "number" ? body.lifetimeMs : null };
}

/** With this share of a token's life gone another one is fetched: what is left is for a service that is away. */
export const RENEW_AT_SHARE = 0.6;
/** Between two tries, doubling from the first to the second. */
export const RENEW_RETRY_MS = { first: 1_000, longest: 30_000 } as const;

export interface TokenKeeperOptions {
  readonly session: string;
  readonly fetchTokens: FetchTokens;
  readonly clock: Clock;
  readonly onTokens: (tokens: Tokens) => void;
}

/** Keeps one session's tokens good, from Start until the session is over. */
export class TokenKeeper {
  readonly #options: TokenKeeperOptions;
  #state: "resting" | "fetching" | "closed" = "resting";
  #failures = 0;
  #cancelTimer: () => void = () => {};

  constructor(options: TokenKeeperOptions) {
    this.#options = options;
  }

  /** The session's first tokens. Rejects as `fetchTokens` does. */
  async first(): Promise<Tokens> {
    const { session, fetchTokens: fetch } = this.#options;
    const { tokens, lifetimeMs } = await fetch(session);
    this.#renewInTime(lifetimeMs);
    return tokens;
  }

  /** A backend takes the last ones no more: fetches others now, and for as long as it takes. */
  renew(): void {
    if (this.#state === "resting") void this.#fetch();
  }

  close(): void {
    this.#state = "closed";
    this.#cancelTimer();
  }

  async #fetch(): Promise<void> {
    const { session, fetchTokens: fetch, onTokens } = this.#options;
    this.#cancelTimer();
    this.#state = "fetching";
    const issued = await fetch(session).catch(() => null);
    if (this.#isClosed()) return;
    this.#state = "resting";
    if (!issued) {
      this.#again(Math.min(RENEW_RETRY_MS.longest, RENEW_RETRY_MS.first * 2 ** this.#failures++));
      return;
    }
    this.#failures = 0;
    this.#renewInTime(issued.lifetimeMs);
    onTokens(issued.tokens);
  }

  #renewInTime(lifetimeMs: number | null): void {
    if (lifetimeMs !== null && !this.#isClosed()) this.#again(lifetimeMs * RENEW_AT_SHARE);
  }

  #again(delayMs: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.after(delayMs, () => void this.#fetch());
  }

  #isClosed(): boolean {
    return this.#state === "closed";
  }
}
