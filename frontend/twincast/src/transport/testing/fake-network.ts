/**
 * A network between `StreamSender` and `FakeBackend` in virtual time, with the faults that real ones have.
 */
import type { BackendMessage } from "../../protocol/messages";
import type { FakeClock } from "../../testing/fake-clock";
import type { OpenSocket } from "../socket";
import type { FakeBackend } from "./fake-backend";

/** `black-hole`: packets vanish and nothing is reported, not even a close. `refusing`: connections fail at once. */
export type NetworkState = "healthy" | "black-hole" | "refusing";

/** Its multiples spread over 0..1 evenly. */
const GOLDEN_RATIO = 0.618_033_988_75;

/** A line that several streams share: what they send queues in one row, however long it gets. */
export interface SharedUplink {
  bytesPerSecond: number;
  /** When the last byte that was sent so far will have left. */
  freeAt: number;
}

/** What TCP, TLS and WebSocket add to a message. */
const WIRE_OVERHEAD_BYTES = 70;

interface Link {
  alive: boolean;
  closed(closeCode: number): void;
}

export class FakeNetwork {
  state: NetworkState = "healthy";
  latencyMs = 20;
  /** Uplink, or null for as fast as one likes. */
  uplinkBytesPerSecond: number | null = null;
  attempts = 0;
  /** Whether the browser holds new sockets back after failed ones, as Chromium does (websocket_throttler.cc). */
  throttles = false;
  /** Of Chromium's two periods of two minutes; neither is rolled here. */
  #handshakes = { failed: 0, succeeded: 0, pending: 0 };

  readonly #time: FakeClock;
  readonly #backend: FakeBackend;
  readonly #shared: SharedUplink | undefined;
  #links = new Set<Link>();

  /** @param shared instead of a line of its own for each connection. */
  constructor(time: FakeClock, backend: FakeBackend, shared?: SharedUplink) {
    this.#time = time;
    this.#backend = backend;
    this.#shared = shared;
  }

  /** Every connection breaks, as at a reset. */
  cut(closeCode = 1006): void {
    for (const link of this.#links) link.closed(closeCode);
  }

  /** Chromium's formula, with its random seconds in an order that repeats. */
  #startDelayMs(): number {
    if (!this.throttles) return 0;
    const { failed, succeeded, pending } = this.#handshakes;
    const randomMs = 1_000 + 4_000 * ((this.attempts * GOLDEN_RATIO) % 1);
    return (randomMs * 2 ** Math.min(16, pending + Math.floor(failed / (succeeded + 1)))) / 2 ** 16;
  }

  /** TCP repeats an unanswered SYN after 1 s, and then after twice the time before. */
  #knock(link: Link, answered: () => void, nth: number): void {
    if (!link.alive) return;
    if (this.state === "black-hole")
      this.#time.after(1_000 * 2 ** nth, () => this.#knock(link, answered, nth + 1));
    else answered();
  }

  readonly openSocket: OpenSocket = (_url, _subprotocol, events) => {
    this.attempts++;
    let uplinkFreeAt = 0;
    const startDelayMs = this.#startDelayMs();
    let pending = true;
    this.#handshakes.pending++;
    const settle = (outcome: "failed" | "succeeded") => {
      if (!pending) return;
      pending = false;
      this.#handshakes.pending--;
      this.#handshakes[outcome]++;
    };
    const link: Link = {
      alive: true,
      closed: (closeCode) => {
        if (!link.alive) return;
        link.alive = false;
        settle("failed");
        this.#links.delete(link);
        events.closed(closeCode, "");
      },
    };
    // A connection that was in a black hole stays dead: its bytes are gone, and TCP's back-off outlasts the test.
    let swallowed = false;
    const later = (callback: () => void, delayMs = this.latencyMs) => {
      if (this.state === "black-hole") swallowed = true;
      this.#time.after(delayMs, () => {
        if (this.state === "black-hole") swallowed = true;
        if (link.alive && !swallowed) callback();
      });
    };
    const peer = this.#backend.connect({
      send: (message: BackendMessage) => later(() => events.text(JSON.stringify(message))),
      close: (closeCode) => later(() => link.closed(closeCode)),
    });
    this.#links.add(link);
    if (this.state === "refusing") this.#time.after(1, () => link.closed(1006));
    else {
      const answered = () =>
        later(() => {
          settle("succeeded");
          events.open();
        }, this.latencyMs * 2);
      this.#time.after(startDelayMs, () => this.#knock(link, answered, 0));
    }
    return {
      send: (data) => {
        const bytes = data.length;
        const now = this.#time.now();
        const shared = this.#shared;
        if (shared) {
          const takesMs = ((bytes + WIRE_OVERHEAD_BYTES) / shared.bytesPerSecond) * 1_000;
          shared.freeAt = Math.max(now, shared.freeAt) + takesMs;
          uplinkFreeAt = shared.freeAt;
        }
        const rate = this.uplinkBytesPerSecond;
        uplinkFreeAt = Math.max(now, uplinkFreeAt) + (rate === null ? 0 : (bytes / rate) * 1_000);
        later(
          () => (typeof data === "string" ? peer.text(data) : peer.binary(data)),
          uplinkFreeAt - now + this.latencyMs,
        );
      },
      close: () => link.closed(1000),
      abandon: () => {
        link.alive = false;
        settle("failed");
        this.#links.delete(link);
      },
    };
  };
}
