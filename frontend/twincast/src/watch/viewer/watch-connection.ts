/**
 * Keeps one watched stream connected: opens sockets, asks, measures the clock, finds dead paths, and owns every retry, by
 * the policy by which phones connect.
 */

import type { Clock } from "../../clock";
import type { StreamKind } from "../../model/stream";
import { ProtocolError } from "../../protocol/frames";
import {
  formatViewerMessage,
  parseWatchMessage,
  WATCH_SUBPROTOCOL,
  type WatchCloseReaction,
  type WatchMessage,
  watchCloseReaction,
} from "../../protocol/watch-messages";
import {
  ClockEstimate,
  type Failure,
  FIRST_TRY,
  HANDSHAKE_MEMORY_MS,
  nextRetry,
  type Retry,
  silenceLimitMs,
} from "../../transport";
import type { OpenWatchSocket, WatchSocket } from "./watch-socket";

export interface WatchConnectionOptions {
  readonly url: string;
  /** What the list calls the phone's session. */
  readonly watchId: string;
  readonly kind: StreamKind;
  /** What opens a guarded backend; null for an open one. */
  readonly token: () => string | null;
  readonly openSocket: OpenWatchSocket;
  readonly clock: Clock;
  readonly random: () => number;
  readonly events: WatchConnectionEvents;
}

export interface WatchConnectionEvents {
  /** What comes from here on begins at a join point. */
  watching(message: Extract<WatchMessage, { type: "watching" }>): void;
  message(message: WatchMessage): void;
  chunk(message: Uint8Array): void;
  /** Backend clock minus the phone's, ms: a better estimate than the last one. */
  phoneClock(offsetMs: number): void;
  /** There is no connection. @param attempt how often in a row it did not come about. */
  lost(attempt: number): void;
  /** Another try would be refused again. @param message a sentence for a developer. */
  refused(reaction: Refusal, message: string): void;
}

/** What is left to do where trying again is of no use. */
export type Refusal = Exclude<WatchCloseReaction, "retry" | "stay-closed">;

type State =
  | { readonly kind: "idle" }
  | { readonly kind: "waiting" }
  | { readonly kind: "opening" | "asking" | "watching"; readonly socket: WatchSocket }
  | { readonly kind: "over" };

const PING_EVERY_MS = 2_000;

export class WatchConnection {
  readonly #options: WatchConnectionOptions;
  #backendClock = new ClockEstimate();
  #state: State = { kind: "idle" };
  #attempt = 0;
  /** Whether this connection brought anything: one that is closed as soon as it is opened is a refusal. */
  #hasProgress = false;
  #handshakes: { readonly at: number; readonly outcome: "failed" | "succeeded" }[] = [];
  #heardAt = 0;
  #refusal = "";
  #cancelTimer: () => void = () => {};

  constructor(options: WatchConnectionOptions) {
    this.#options = options;
  }

  /** Backend clock minus this computer's, ms; null before the first pong. */
  get offsetMs(): number | null {
    return this.#backendClock.offsetMs;
  }

  /** Does nothing where it is open, on its way or over. */
  open(): void {
    if (this.#state.kind === "idle") this.#connect(FIRST_TRY);
  }

  /** Leaves; `open` begins anew. */
  rest(): void {
    if (this.#state.kind === "over") return;
    this.#leave("in-good-order");
    this.#attempt = 0;
    this.#state = { kind: "idle" };
  }

  /** Something says that the network may be back. */
  retryNow(): void {
    if (this.#state.kind !== "waiting") return;
    this.#cancelTimer();
    this.#connect(FIRST_TRY);
  }

  close(): void {
    this.#leave("in-good-order");
    this.#state = { kind: "over" };
  }

  #leave(how: "in-good-order" | "abandoned"): void {
    this.#cancelTimer();
    if (!("socket" in this.#state)) return;
    const { socket } = this.#state;
    if (how === "abandoned" || this.#state.kind === "opening") socket.abandon();
    else socket.close();
  }

  #connect({ timeoutMs }: Retry): void {
    const { clock, openSocket, url, watchId, kind } = this.#options;
    this.#refusal = "";
    this.#hasProgress = false;
    const own = openSocket(url, WATCH_SUBPROTOCOL, {
      open: () => {
        if (!this.#isMine(own)) return;
        this.#state = { kind: "asking", socket: own };
        const token = this.#options.token();
        own.send(formatViewerMessage({ type: "watch", watchId, kind, ...(token !== null && { token }) }));
        this.#failAfter(timeoutMs, own);
      },
      text: (data) => this.#isMine(own) && this.#text(own, data),
      binary: (data) => {
        if (!this.#isMine(own)) return;
        this.#heardAt = clock.now();
        this.#progress();
        this.#options.events.chunk(data);
      },
      closed: (closeCode, reason) => this.#isMine(own) && this.#closed(closeCode, reason),
    });
    this.#state = { kind: "opening", socket: own };
    this.#failAfter(timeoutMs, own);
  }

  #isMine(socket: WatchSocket): boolean {
    return "socket" in this.#state && this.#state.socket === socket;
  }

  #failAfter(timeoutMs: number, socket: WatchSocket): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.after(timeoutMs, () => {
      if (this.#isMine(socket)) this.#again("hung");
    });
  }

  #text(socket: WatchSocket, data: string): void {
    const now = this.#options.clock.now();
    this.#heardAt = now;
    let message: WatchMessage;
    try {
      message = parseWatchMessage(data);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#giveUp("give-up", error.message);
      return;
    }
    switch (message.type) {
      case "watching":
        this.#state = { kind: "watching", socket };
        this.#handshakes.push({ at: now, outcome: "succeeded" });
        this.#backendClock = new ClockEstimate();
        this.#options.events.watching(message);
        this.#ping(socket);
        return;
      case "pong":
        this.#backendClock.add(message.t, now, message.serverTime);
        if (typeof message.clockOffsetMs === "number") this.#options.events.phoneClock(message.clockOffsetMs);
        return;
      case "error":
        this.#refusal = message.message;
        return;
      default:
        this.#progress();
        this.#options.events.message(message);
    }
  }

  /** A stream may be silent for long; the path to the backend may not. */
  #ping(socket: WatchSocket): void {
    const { clock } = this.#options;
    socket.send(formatViewerMessage({ type: "ping", t: clock.now() }));
    const limitMs = PING_EVERY_MS + silenceLimitMs(this.#backendClock.rttMs, 0);
    this.#cancelTimer();
    this.#cancelTimer = clock.after(PING_EVERY_MS, () => {
      if (!this.#isMine(socket)) return;
      if (clock.now() - this.#heardAt > limitMs) this.#again("lost");
      else this.#ping(socket);
    });
  }

  #progress(): void {
    this.#hasProgress = true;
    this.#attempt = 0;
  }

  #closed(closeCode: number, reason: string): void {
    const reaction = watchCloseReaction(closeCode);
    // In good order, and nobody said that the stream has ended: a proxy that closes what it restarts.
    if (reaction !== "retry" && reaction !== "stay-closed") {
      this.#giveUp(reaction, this.#refusal || reason);
      return;
    }
    this.#again(this.#hasProgress ? "lost" : "refused");
  }

  #giveUp(reaction: Refusal, message: string): void {
    this.#leave("abandoned");
    this.#state = { kind: "over" };
    this.#options.events.refused(reaction, message);
  }

  #again(failure: Failure): void {
    const { clock, random, events } = this.#options;
    const now = clock.now();
    const wasWatching = this.#state.kind === "watching";
    this.#leave("abandoned");
    if (!wasWatching) this.#handshakes.push({ at: now, outcome: "failed" });
    this.#handshakes = this.#handshakes.filter(({ at }) => at > now - HANDSHAKE_MEMORY_MS);
    const retry = nextRetry({
      failure,
      attempt: this.#attempt,
      rttMs: this.#backendClock.rttMs,
      random: random(),
      handshakes: {
        failed: this.#handshakes.filter(({ outcome }) => outcome === "failed").length,
        succeeded: this.#handshakes.filter(({ outcome }) => outcome === "succeeded").length,
      },
      firstTimeoutMs: FIRST_TRY.timeoutMs,
    });
    this.#attempt++;
    this.#state = { kind: "waiting" };
    this.#cancelTimer = clock.after(retry.delayMs, () => this.#connect(retry));
    events.lost(this.#attempt);
  }
}
