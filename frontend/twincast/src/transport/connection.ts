/**
 * Keeps one stream connected: opens sockets, greets, measures the path, finds dead paths, and owns every retry.
 *
 * It retries for as long as it is not stopped, except after a close code that the protocol calls final. A path is dead
 * when an answer is due and nothing came for `silenceLimitMs`; its socket is abandoned, not waited for. The
 * number of attempts starts again when a connection made progress. All deadlines are compared with the clock at every
 * event, because timers of a page in the background come late.
 */
import type { Clock } from "../clock";
import { closeReaction, fatalCodeName, UNAUTHORISED } from "../protocol/close-codes";
import { ProtocolError, SUBPROTOCOL } from "../protocol/frames";
import {
  type BackendMessage,
  type ClientMessage,
  formatMessage,
  type Limits,
  parseBackendMessage,
} from "../protocol/messages";
import { ClockEstimate } from "./clock-estimate";
import {
  type Failure,
  FIRST_TRY,
  HANDSHAKE_MEMORY_MS,
  type Handshakes,
  nextRetry,
  OFFLINE_RETRY_MS,
  type Retry,
  silenceLimitMs,
} from "./retry-policy";
import type { OpenSocket, Socket, SocketEvents } from "./socket";

export type ConnectionState =
  | { readonly kind: "idle" }
  | { readonly kind: "waiting"; readonly retryAt: number; readonly timeoutMs: number }
  | { readonly kind: "offline"; readonly retryAt: number }
  /** Refused for its token; another one is on its way. */
  | { readonly kind: "unauthorised" }
  | {
      readonly kind: "opening" | "greeting";
      readonly socket: Socket;
      readonly deadline: number;
      readonly timeoutMs: number;
    }
  | { readonly kind: "open"; readonly socket: Socket; readonly limits: Limits }
  | { readonly kind: "closed" }
  | { readonly kind: "failed"; readonly code: string; readonly message: string };

type Ready = Extract<BackendMessage, { type: "ready" }>;
export type StreamMessage = Extract<BackendMessage, { type: "ack" | "ended" | "watched" }>;
/** What happens to the device's network, or to the page. */
export type NetworkEvent = "online" | "offline" | "visible" | "hidden";

export interface ConnectionOptions {
  readonly url: string;
  readonly openSocket: OpenSocket;
  readonly clock: Clock;
  readonly random: () => number;
  /** See `StreamLimits`. */
  readonly firstRetryTimeoutMs: number;
  /** What the first socket is numbered; the next ones go up from it. */
  readonly firstConnection: number;
  /** @param connection the socket's number: a `hello` may arrive behind that of a socket that was opened after it. */
  readonly hello: (connection: number) => ClientMessage;
  /** Since when an acknowledgement is due, or null. */
  readonly answerDueSince: () => number | null;
  /** How long the oldest message on its way may take beyond the usual, because of its size. */
  readonly messageMs: () => number;
  readonly onReady: (ready: Ready) => void;
  readonly onMessage: (message: StreamMessage) => void;
  /** A hello was refused for its token. @returns whether another one is on its way; `authorise` says that it is there. */
  readonly onUnauthorised: () => boolean;
  /** A chunk was refused; a retry follows. */
  readonly onRefused: (seq: number | undefined) => void;
  /** After every event and at least every `TICK_MS`. */
  readonly onTick: () => void;
}

const TICK_MS = 200;
const PING_EVERY_MS = 2_000;
/** Two missed ticks mean that the page slept; its queue may hold answers that were not delivered yet. */
const SLEPT_MS = 1_500;

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #backendClock = new ClockEstimate();
  #state: ConnectionState = { kind: "idle" };
  #attempt = 0;
  #nextConnection: number;
  #handshakes: { at: number; outcome: "failed" | "succeeded" }[] = [];
  #unansweredInARow = 0;
  #receivedAt = 0;
  #pingedAt = 0;
  #pongDueSince: number | null = null;
  #tickedAt = 0;
  #lastError: { code: string; message: string; seq: number | undefined } | null = null;
  #cancelTimer: () => void = () => {};

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#nextConnection = options.firstConnection;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Attempts since the last connection that made progress; 0 while all is well. */
  get attempt(): number {
    return this.#attempt;
  }

  /** What the backend said when it last took the stream not; null since it took it, and where it said nothing. */
  get refusal(): string | null {
    return this.#lastError?.message ?? null;
  }

  get rttMs(): number | null {
    return this.#backendClock.rttMs;
  }

  /** What the path takes without a queue; null before the first pong. */
  get quickestRttMs(): number | null {
    return this.#backendClock.quickestRttMs;
  }

  get offsetMs(): number | null {
    return this.#backendClock.offsetMs;
  }

  start(): void {
    if (this.#state.kind !== "idle") return;
    this.#open(FIRST_TRY);
    this.tick();
  }

  /** Sends on the open connection. @throws when it is not open. */
  send(data: ClientMessage | Uint8Array<ArrayBuffer>): void {
    if (this.#state.kind !== "open") throw new Error(`Nothing is sent while ${this.#state.kind}.`);
    this.#state.socket.send(data instanceof Uint8Array ? data : formatMessage(data));
  }

  /** An acknowledgement came by this connection: its path carries what is sent. */
  answered(): void {
    this.#unansweredInARow = 0;
  }

  /** The peer took media: whatever comes next is waited for as at first. */
  progressed(): void {
    this.#attempt = 0;
  }

  /** `hello` has another token. */
  authorise(): void {
    if (this.#state.kind !== "unauthorised") return;
    this.#open(FIRST_TRY);
    this.tick();
  }

  /** The stream is over: closes the socket in good order and stops retrying. */
  close(): void {
    this.#cancelTimer();
    if (this.#state.kind === "open") this.#state.socket.close();
    else this.#abandon();
    this.#state = { kind: "closed" };
  }

  network(event: NetworkEvent): void {
    const { kind } = this.#state;
    if (kind === "idle" || isTerminal(this.#state)) return;
    switch (event) {
      case "offline":
        this.#abandon();
        this.#state = { kind: "offline", retryAt: this.#options.clock.now() + OFFLINE_RETRY_MS };
        break;
      case "hidden":
        return;
      case "online":
      case "visible":
        if (kind === "open") {
          this.#ping();
        } else if (kind !== "unauthorised") {
          // An attempt that began on the network that went away hangs; a fresh one does not.
          this.#abandon();
          this.#attempt = 0;
          this.#open(FIRST_TRY);
        }
        break;
    }
    this.tick();
  }

  /** Compares every deadline with the clock. Safe to call at any time. */
  tick(): void {
    const now = this.#options.clock.now();
    const slept = now - this.#tickedAt > SLEPT_MS;
    this.#tickedAt = now;
    const state = this.#state;
    switch (state.kind) {
      case "idle":
      case "unauthorised":
      case "closed":
      case "failed":
        break;
      case "waiting":
        if (now >= state.retryAt) this.#open(state);
        break;
      case "offline":
        if (now >= state.retryAt) this.#retry("refused");
        break;
      case "opening":
      case "greeting":
        if (now >= state.deadline) {
          this.#abandon();
          this.#retry("hung");
        }
        break;
      case "open":
        if (slept) this.#receivedAt = now;
        if (this.#isSilent(now)) {
          this.#abandon();
          this.#unansweredInARow++;
          this.#retry("lost");
        } else if (slept || now - this.#pingedAt >= PING_EVERY_MS) {
          this.#ping();
        }
        break;
    }
    this.#options.onTick();
    this.#arm();
  }

  #arm(): void {
    this.#cancelTimer();
    const state = this.#state;
    if (isTerminal(state)) return;
    const dueMs = (dueAtOf(state) ?? Number.POSITIVE_INFINITY) - this.#options.clock.now();
    this.#cancelTimer = this.#options.clock.after(Math.max(0, Math.min(TICK_MS, dueMs)), () => this.tick());
  }

  #isSilent(now: number): boolean {
    const ackDue = this.#options.answerDueSince();
    if (ackDue === null && this.#pongDueSince === null) return false;
    const due = Math.min(ackDue ?? Number.POSITIVE_INFINITY, this.#pongDueSince ?? Number.POSITIVE_INFINITY);
    return (
      now - Math.max(due, this.#receivedAt) >
      silenceLimitMs(this.rttMs, this.#unansweredInARow, this.#options.messageMs())
    );
  }

  #open({ timeoutMs }: Pick<Retry, "timeoutMs">): void {
    const now = this.#options.clock.now();
    this.#tickedAt = now;
    const connection = this.#nextConnection++;
    // A late event of a socket that was replaced must not touch its successor.
    let current = true;
    const events: SocketEvents = {
      open: () => current && this.#greet(connection),
      text: (data) => current && this.#receive(data),
      closed: (closeCode, reason) => {
        if (!current) return;
        current = false;
        this.#onClosed(closeCode, reason);
      },
    };
    try {
      const socket = this.#options.openSocket(this.#options.url, SUBPROTOCOL, events);
      const abandon = () => {
        current = false;
        socket.abandon();
      };
      this.#state = { kind: "opening", socket: { ...socket, abandon }, deadline: now + timeoutMs, timeoutMs };
      this.#arm();
    } catch (error) {
      // A URL that can never work, or ws:// from an https page.
      this.#state = { kind: "failed", code: "bad-address", message: String(error) };
    }
  }

  #greet(connection: number): void {
    const state = this.#state;
    if (state.kind !== "opening") return;
    this.#note("succeeded");
    this.#state = { ...state, kind: "greeting", deadline: this.#options.clock.now() + state.timeoutMs };
    state.socket.send(formatMessage(this.#options.hello(connection)));
    this.tick();
  }

  #receive(text: string): void {
    this.#receivedAt = this.#options.clock.now();
    let message: BackendMessage;
    try {
      message = parseBackendMessage(text);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#abandon();
      this.#state = { kind: "failed", code: error.code, message: error.message };
      this.tick();
      return;
    }
    this.#dispatch(message);
    this.tick();
  }

  #dispatch(message: BackendMessage): void {
    switch (message.type) {
      case "ready":
        if (this.#state.kind !== "greeting") return;
        this.#state = { kind: "open", socket: this.#state.socket, limits: message.limits };
        this.#pongDueSince = null;
        this.#lastError = null;
        this.#backendClock.forgetOffset();
        this.#ping();
        this.#options.onReady(message);
        return;
      case "pong":
        this.#onPong(message);
        return;
      case "error":
        this.#lastError = { code: message.code, message: message.message, seq: message.seq };
        return;
      case "ack":
      case "ended":
      case "watched":
        this.#options.onMessage(message);
        return;
    }
  }

  #onPong({ t, serverTime }: Extract<BackendMessage, { type: "pong" }>): void {
    const isFirst = this.offsetMs === null;
    this.#backendClock.add(t, this.#receivedAt, serverTime);
    this.#pongDueSince = null;
    if (!isFirst) return;
    // The backend states delays by the offset that a ping carries: the first seconds are not to go without. The others
    // keep their rhythm.
    const pingedAt = this.#pingedAt;
    this.#ping();
    this.#pingedAt = pingedAt;
  }

  #ping(): void {
    if (this.#state.kind !== "open") return;
    const now = this.#options.clock.now();
    this.#pingedAt = now;
    this.#pongDueSince ??= now;
    const { offsetMs, rttMs } = this;
    this.send(
      offsetMs === null || rttMs === null
        ? { type: "ping", t: now }
        : { type: "ping", t: now, offsetMs, rttMs },
    );
  }

  #onClosed(closeCode: number, reason: string): void {
    if (isTerminal(this.#state)) return;
    if (this.#state.kind === "opening") this.#note("failed");
    const wasOpen = this.#state.kind === "open";
    // A backend that greets and closes at once, or refuses whatever comes, must be met with back-off too.
    const failure = wasOpen && this.#attempt === 0 ? "lost" : "refused";
    const error = this.#lastError;
    if (closeCode === UNAUTHORISED) {
      this.#state = { kind: "unauthorised" };
      if (this.#options.onUnauthorised()) {
        this.tick();
        return;
      }
    }
    switch (closeReaction(closeCode)) {
      case "give-up":
        this.#state = {
          kind: "failed",
          code: error?.code ?? fatalCodeName(closeCode) ?? String(closeCode),
          message: error?.message ?? reason,
        };
        break;
      case "drop-chunk":
        this.#options.onRefused(error?.seq);
        this.#retry(failure);
        break;
      case "retry":
        this.#retry(failure);
        break;
    }
    this.tick();
  }

  #retry(failure: Failure): void {
    const now = this.#options.clock.now();
    const { delayMs, timeoutMs } = nextRetry({
      failure,
      attempt: this.#attempt,
      rttMs: this.rttMs,
      random: this.#options.random(),
      handshakes: this.#recentHandshakes(),
      firstTimeoutMs: this.#options.firstRetryTimeoutMs,
    });
    this.#attempt++;
    this.#pongDueSince = null;
    if (delayMs === 0) this.#open({ timeoutMs });
    else this.#state = { kind: "waiting", retryAt: now + delayMs, timeoutMs };
  }

  #note(outcome: "failed" | "succeeded"): void {
    this.#handshakes.push({ at: this.#options.clock.now(), outcome });
  }

  #recentHandshakes(): Handshakes {
    const since = this.#options.clock.now() - HANDSHAKE_MEMORY_MS;
    this.#handshakes = this.#handshakes.filter(({ at }) => at >= since);
    const succeeded = this.#handshakes.filter(({ outcome }) => outcome === "succeeded").length;
    return { succeeded, failed: this.#handshakes.length - succeeded };
  }

  #abandon(): void {
    const state = this.#state;
    if (state.kind === "opening") this.#note("failed");
    if (state.kind === "opening" || state.kind === "greeting" || state.kind === "open")
      state.socket.abandon();
  }
}

/** When the state is due to change by itself, or null. */
function dueAtOf(state: ConnectionState): number | null {
  switch (state.kind) {
    case "waiting":
    case "offline":
      return state.retryAt;
    case "opening":
    case "greeting":
      return state.deadline;
    case "idle":
    case "unauthorised":
    case "open":
    case "closed":
    case "failed":
      return null;
  }
}

function isTerminal(state: ConnectionState): boolean {
  return state.kind === "closed" || state.kind === "failed";
}
