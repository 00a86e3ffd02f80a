/**
 * A TCP proxy between the browser and the backend that breaks what a test tells it to break, per stream or for both.
 * It knows a connection's stream by the path of its HTTP request; connections of other paths (`/health`) are never
 * disturbed. It cannot drop packets: a black hole here swallows bytes of connections that stay open, as when a phone
 * changed networks and its old address is gone.
 */

import { once } from "node:events";
import net from "node:net";
import type { StreamKind } from "twincast";
import { type Line, Pipe } from "./fault-pipe.ts";
import type { Random } from "./random.ts";

export type Target = StreamKind | "both";

export interface Faults {
  /** Connections are reset as soon as their request arrives. */
  refuse: boolean;
  /** Bytes of either direction vanish, for connections that exist and for new ones, until it is lifted. */
  blackHole: boolean;
  /** Bytes wait, none are lost, until it is lifted. */
  stall: boolean;
  /** Uplink, or null for as fast as it goes. */
  bytesPerSecond: number | null;
  /** One way. */
  delayMs: number;
}

const NO_FAULTS: Faults = { refuse: false, blackHole: false, stall: false, bytesPerSecond: null, delayMs: 0 };

interface Pair {
  readonly stream: StreamKind;
  readonly uplink: Pipe;
  reset(): void;
}

export class FaultProxy {
  /** Connections seen per stream since the start. */
  readonly connections = { video: 0, audio: 0 };
  readonly #faults: Record<StreamKind, Faults> = { video: { ...NO_FAULTS }, audio: { ...NO_FAULTS } };
  readonly #held: Record<StreamKind, Promise<void> | null> = { video: null, audio: null };
  /** The uplink that both streams share, or null where each connection has its own. */
  #shared: { readonly bytesPerSecond: number; readonly line: Line } | null = null;
  readonly #server = net.createServer((socket) => this.#accept(socket));
  readonly #sockets = new Set<net.Socket>();
  readonly #pairs = new Set<Pair>();
  #target: () => net.TcpNetConnectOpts = () => ({ host: "127.0.0.1", port: 0 });

  static async start(): Promise<FaultProxy> {
    const proxy = new FaultProxy();
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as net.AddressInfo).port;
  }

  /** Where the backend listens now; connections that exist stay with theirs. */
  forwardTo(port: number): void {
    this.dealTo([port], { between: () => 0 });
  }

  /** Several backends listen; each connection goes to one of chance. */
  dealTo(ports: readonly number[], random: Pick<Random, "between">): void {
    this.#target = () => ({
      host: "127.0.0.1",
      port: ports[Math.floor(random.between(0, ports.length))] ?? 0,
    });
  }

  /** Sets faults of one stream or both; they hold until they are set again. */
  set(target: Target, faults: Partial<Faults>): void {
    for (const stream of streamsOf(target)) Object.assign(this.#faults[stream], faults);
  }

  /** One uplink for both streams: what they send takes turns on it. */
  shareUplink(bytesPerSecond: number): void {
    this.#shared = { bytesPerSecond, line: this.#shared?.line ?? { freeAt: 0 } };
  }

  /**
   * Of the next connection of a stream, nothing but its request arrives until it is released, and then all of it: what
   * was on its way when a path died, and comes after all. @returns what releases it.
   */
  holdNext(stream: StreamKind): () => void {
    let release = () => {};
    this.#held[stream] = new Promise((resolve) => {
      release = resolve;
    });
    return release;
  }

  /** No faults from here on. */
  clear(target: Target = "both"): void {
    this.#shared = null;
    this.set(target, NO_FAULTS);
  }

  /** Resets the connections that there are. */
  cut(target: Target): void {
    for (const pair of this.#of(target)) pair.reset();
  }

  /** Resets them after some more bytes of the uplink, which is in the middle of a frame. */
  cutMidFrame(target: Target, afterBytes = 1_000): void {
    for (const pair of this.#of(target)) pair.uplink.breakAfter(afterBytes, pair.reset);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #of(target: Target): Pair[] {
    return [...this.#pairs].filter(({ stream }) => streamsOf(target).includes(stream));
  }

  #track(socket: net.Socket): void {
    socket.setNoDelay(true);
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    // A reset is what this proxy is for; the close event says all there is to say.
    socket.on("error", () => {});
  }

  #accept(down: net.Socket): void {
    this.#track(down);
    down.once("data", (head) => {
      const stream = /^GET \/ws\/(video|audio)[ ?]/.exec(head.toString("latin1", 0, 64))?.[1];
      if (stream !== "video" && stream !== "audio") return this.#join(down, head);
      this.connections[stream]++;
      const faults = this.#faults[stream];
      if (faults.refuse) return void down.resetAndDestroy();
      const up = net.connect(this.#target());
      this.#track(up);
      const loss = { swallowed: false };
      const ownLine: Line = { freeAt: 0 };
      const uplink = new Pipe({
        from: down,
        to: up,
        loss,
        faults,
        rate: () => this.#shared?.bytesPerSecond ?? faults.bytesPerSecond,
        line: () => this.#shared?.line ?? ownLine,
      });
      new Pipe({ from: up, to: down, loss, faults, rate: () => null });
      uplink.take(head);
      const held = this.#held[stream];
      if (held) uplink.hold(held);
      this.#held[stream] = null;
      const pair: Pair = {
        stream,
        uplink,
        reset: () => {
          down.resetAndDestroy();
          up.resetAndDestroy();
        },
      };
      this.#pairs.add(pair);
      down.on("close", () => this.#pairs.delete(pair));
    });
  }

  #join(down: net.Socket, head: Buffer): void {
    const up = net.connect(this.#target());
    this.#track(up);
    up.write(head);
    down.pipe(up).pipe(down);
    up.on("close", () => down.destroy());
  }
}

function streamsOf(target: Target): readonly StreamKind[] {
  return target === "both" ? ["video", "audio"] : [target];
}
