/**
 * How Firefox connects to one host, in virtual time (netwerk/protocol/websocket/WebSocketChannel.cpp and measured with
 * Firefox 153): one handshake at a time, six connections that no answer came on, and none of them is given back before
 * five minutes, whoever closes the socket.
 */
import type { FakeClock } from "../../testing/fake-clock";
import type { Ask } from "../answered-socket";
import type { OpenSocket, SocketEvents } from "../socket";
import { LIMITS } from "./fake-backend";

const CONNECTIONS = 6;
const RESPONSE_TIMEOUT_MS = 300_000;
const LATENCY_MS = 20;

interface Handshake {
  readonly events: SocketEvents;
  state: "queued" | "begun" | "open";
  abandoned: boolean;
}

export class FakeFirefox {
  /** Whatever is sent while it is set is gone, and so is everything that follows on the same connection. */
  inHole = false;
  /** Connections of handshakes without an answer. */
  taken = 0;
  readonly #time: FakeClock;
  /** In the order in which they were opened; the first is the one whose turn it is. */
  #turns: Handshake[] = [];
  #waiting: Handshake[] = [];

  constructor(time: FakeClock) {
    this.#time = time;
  }

  readonly ask: Ask = (_url, signal) =>
    new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
      if (!this.inHole) this.#time.after(2 * LATENCY_MS, () => resolve(null));
    });

  readonly openSocket: OpenSocket = (_url, _subprotocol, events) => {
    const handshake: Handshake = { events, state: "queued", abandoned: false };
    this.#turns.push(handshake);
    this.#next();
    let isLost = false;
    const later = (task: () => void) => {
      isLost ||= this.inHole;
      this.#time.after(LATENCY_MS, () => {
        isLost ||= this.inHole;
        if (!isLost && !handshake.abandoned) task();
      });
    };
    const end = () => {
      handshake.abandoned = true;
      this.#leaveTurn(handshake);
    };
    return {
      send: (data) => {
        const message = JSON.parse(String(data)) as { type: string; t?: number };
        later(() => later(() => events.text(JSON.stringify(this.#answer(message)))));
      },
      close: end,
      abandon: end,
    };
  };

  #answer({ type, t }: { type: string; t?: number }) {
    const serverTime = this.#time.now();
    if (type === "ping") return { type: "pong", t, serverTime };
    return { type: "ready", nextSeq: 0, resumed: true, serverTime, limits: LIMITS };
  }

  #leaveTurn(handshake: Handshake): void {
    this.#turns = this.#turns.filter((other) => other !== handshake);
    this.#next();
  }

  #next(): void {
    const [first] = this.#turns;
    if (first?.state !== "queued") return;
    first.state = "begun";
    this.#waiting.push(first);
    this.#connect();
  }

  /** What the page has given up meanwhile goes out all the same. */
  #connect(): void {
    if (this.taken >= CONNECTIONS) return;
    const handshake = this.#waiting.shift();
    if (!handshake) return;
    this.taken++;
    if (this.inHole) this.#time.after(RESPONSE_TIMEOUT_MS, () => this.#giveBack());
    else {
      this.#time.after(3 * LATENCY_MS, () => {
        this.#giveBack();
        if (handshake.abandoned) return;
        handshake.state = "open";
        this.#leaveTurn(handshake);
        handshake.events.open();
      });
    }
  }

  #giveBack(): void {
    this.taken--;
    this.#connect();
  }
}
