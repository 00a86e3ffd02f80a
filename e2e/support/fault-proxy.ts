/**
 * A TCP proxy between the browser and the backend that breaks what a test tells it to break, per stream or for both.
 * It knows a connection's stream by the path of its HTTP request; connections of other paths (`/health`) are never
 * disturbed. It cannot drop packets: a black hole here swallows bytes of connections that stay open.
 */
import { once } from "node:events";
import net from "node:net";

export type Target = "video" | "audio" | "both";

interface Faults {
  /** Connections are reset as soon as their request arrives. */
  refuse: boolean;
  /** Bytes of either direction vanish, for connections that exist and for new ones, until it is lifted. */
  blackHole: boolean;
  /** Bytes wait, none are lost, until it is lifted. */
  stall: boolean;
  /** Uplink, or null for as fast as it goes. */
  bytesPerSecond: number | null;
  delayMs: number;
}

const FAIR: Faults = { refuse: false, blackHole: false, stall: false, bytesPerSecond: null, delayMs: 0 };

interface Pair {
  stream: "video" | "audio";
  down: net.Socket;
  up: net.Socket;
  /** Once it lost a byte, a connection can only be swallowed further: what follows would be a broken frame. */
  swallowed: boolean;
  /** Bytes of the uplink still to pass before the connection is reset, or null. */
  resetAfterBytes: number | null;
}

export class FaultProxy {
  /** Connections seen per stream since the start. */
  readonly connections = { video: 0, audio: 0 };
  readonly #faults: Record<"video" | "audio", Faults> = { video: { ...FAIR }, audio: { ...FAIR } };
  readonly #server = net.createServer((socket) => this.#accept(socket));
  readonly #sockets = new Set<net.Socket>();
  readonly #pairs = new Set<Pair>();
  #target = { host: "127.0.0.1", port: 0 };

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
    this.#target = { host: "127.0.0.1", port };
  }

  /** Sets faults of one stream or both; they hold until they are set again. */
  set(target: Target, faults: Partial<Faults>): void {
    for (const stream of streamsOf(target)) Object.assign(this.#faults[stream], faults);
    if (faults.stall === false || faults.blackHole === false) {
      for (const pair of this.#pairs) {
        pair.down.resume();
        pair.up.resume();
      }
    }
  }

  /** All weather is fair again. */
  clear(): void {
    this.set("both", FAIR);
  }

  /** Resets the connections that there are. */
  cut(target: Target): void {
    for (const pair of this.#pairs) if (streamsOf(target).includes(pair.stream)) reset(pair);
  }

  /** Resets them after some more bytes of the uplink, which is in the middle of a frame. */
  cutMidFrame(target: Target, afterBytes = 1_000): void {
    for (const pair of this.#pairs) {
      if (streamsOf(target).includes(pair.stream)) pair.resetAfterBytes = afterBytes;
    }
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
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
      const up = net.connect(this.#target);
      this.#track(up);
      const pair: Pair = { stream, down, up, swallowed: false, resetAfterBytes: null };
      this.#pairs.add(pair);
      const forget = () => this.#pairs.delete(pair);
      down.on("close", forget);
      up.on("close", forget);
      this.#carry(pair, down, up, faults, true, head);
      this.#carry(pair, up, down, faults, false);
    });
  }

  #join(down: net.Socket, head: Buffer): void {
    const up = net.connect(this.#target);
    this.#track(up);
    up.write(head);
    down.pipe(up).pipe(down);
  }

  #carry(pair: Pair, from: net.Socket, to: net.Socket, faults: Faults, uplink: boolean, head?: Buffer): void {
    let freeAt = 0;
    let chain = Promise.resolve();
    const take = (data: Buffer) => {
      chain = chain.then(async () => {
        while (faults.stall && !from.destroyed && !to.destroyed) await sleep(20);
        if (faults.blackHole) pair.swallowed = true;
        if (pair.swallowed) return;
        const now = Date.now();
        const rate = uplink ? faults.bytesPerSecond : null;
        freeAt = Math.max(now, freeAt) + (rate === null ? 0 : (data.length / rate) * 1_000);
        const waitMs = freeAt - now + faults.delayMs;
        if (waitMs > 0) await sleep(waitMs);
        if (faults.blackHole) pair.swallowed = true;
        if (pair.swallowed) return;
        if (uplink && pair.resetAfterBytes !== null) {
          to.write(data.subarray(0, pair.resetAfterBytes));
          if (data.length >= pair.resetAfterBytes) return reset(pair);
          pair.resetAfterBytes -= data.length;
          return;
        }
        if (!to.destroyed && !to.write(data)) {
          from.pause();
          to.once("drain", () => from.resume());
        }
      });
      // Small pieces under a throttle or a delay: what waits here must push back on the sender.
      if (faults.stall || faults.bytesPerSecond !== null) {
        from.pause();
        void chain.then(() => from.resume());
      }
    };
    if (head) take(head);
    from.on("data", take);
    from.on("close", () => {
      // After what it still had to say: a close frame is the last of it. In a black hole neither end learns that the
      // other is gone.
      void chain.then(() => {
        if (!faults.blackHole && !pair.swallowed) to.destroySoon();
      });
    });
  }
}

function streamsOf(target: Target): readonly ("video" | "audio")[] {
  return target === "both" ? ["video", "audio"] : [target];
}

function reset(pair: Pair): void {
  pair.down.resetAndDestroy();
  pair.up.resetAndDestroy();
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
