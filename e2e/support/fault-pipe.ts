/** One direction of a proxied connection: carries bytes late, slowly, in part or not at all. */
import type net from "node:net";

/** What bytes queue for; several pipes may share one. */
export interface Line {
  /** When the last byte that was taken so far will have left, ms since the epoch. */
  freeAt: number;
}

/** What may be wrong with the way; it is asked anew for every piece. */
interface PipeFaults {
  readonly blackHole: boolean;
  readonly stall: boolean;
  readonly delayMs: number;
}

interface PipeOptions {
  readonly from: net.Socket;
  readonly to: net.Socket;
  /**
   * Shared by both directions. Once it lost a byte, a connection can only be swallowed further: what follows would be
   * a broken frame.
   */
  readonly loss: { swallowed: boolean };
  readonly faults: PipeFaults;
  /** Bytes a second, or null for as fast as it goes. */
  readonly rate: () => number | null;
  /** Asked anew for every piece; absent: a line of its own. */
  readonly line?: () => Line;
}

/** About a packet: a slow line trickles. */
const PIECE_BYTES = 1_400;
const LOOK_AGAIN_MS = 10;

export class Pipe {
  readonly #options: PipeOptions;
  /** Pieces leave in the order in which they came. */
  #chain = Promise.resolve();
  readonly #ownLine: Line = { freeAt: 0 };
  #breakPoint: { bytesLeft: number; onBroken: () => void } | null = null;

  constructor(options: PipeOptions) {
    this.#options = options;
    const { from, to, loss, faults } = options;
    from.on("data", (data) => this.take(data));
    from.on("close", () => {
      // What came before the end is delivered before it. In a black hole neither end learns that the other is gone.
      this.#chain = this.#chain.then(() => {
        if (!faults.blackHole && !loss.swallowed) to.destroySoon();
      });
    });
  }

  /** Carries bytes that came from `from`. */
  take(data: Buffer): void {
    const { from, to, faults, rate } = this.#options;
    const arrivedAt = Date.now();
    for (let start = 0; start < data.length; start += PIECE_BYTES) {
      const piece = data.subarray(start, start + PIECE_BYTES);
      this.#chain = this.#chain.then(() => this.#pass(piece, arrivedAt));
    }
    // What waits here must push back on the sender, as a full line does.
    if (!faults.stall && rate() === null && !to.writableNeedDrain) return;
    from.pause();
    void this.#chain.then(() => from.resume());
  }

  /** Holds back what comes from now on, in order and with what ends it, until `released`. */
  hold(released: Promise<void>): void {
    this.#chain = this.#chain.then(() => released);
  }

  /** Lets some more bytes pass, then calls back in the middle of whatever they belong to. */
  breakAfter(bytes: number, onBroken: () => void): void {
    this.#breakPoint = { bytesLeft: bytes, onBroken };
  }

  async #pass(piece: Buffer, arrivedAt: number): Promise<void> {
    const { to, loss, faults, rate } = this.#options;
    while (faults.stall && !to.destroyed) await sleep(LOOK_AGAIN_MS);
    if (faults.blackHole) loss.swallowed = true;
    if (loss.swallowed) return;
    const bytesPerSecond = rate();
    const costMs = bytesPerSecond === null ? 0 : (piece.length / bytesPerSecond) * 1_000;
    const line = this.#options.line?.() ?? this.#ownLine;
    line.freeAt = Math.max(arrivedAt, line.freeAt) + costMs;
    const waitMs = line.freeAt + faults.delayMs - Date.now();
    if (waitMs > 0) await sleep(waitMs);
    if (faults.blackHole) loss.swallowed = true;
    if (loss.swallowed || to.destroyed) return;
    await this.#write(piece);
  }

  async #write(piece: Buffer): Promise<void> {
    const { to } = this.#options;
    const point = this.#breakPoint;
    if (point && piece.length >= point.bytesLeft) {
      this.#breakPoint = null;
      await written(to, piece.subarray(0, point.bytesLeft));
      point.onBroken();
      return;
    }
    if (point) point.bytesLeft -= piece.length;
    if (!to.write(piece)) await drained(to);
  }
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const written = (socket: net.Socket, data: Buffer) =>
  new Promise<void>((resolve) => socket.write(data, () => resolve()));

const drained = (socket: net.Socket) =>
  new Promise<void>((resolve) => {
    const settle = () => {
      socket.off("drain", settle);
      socket.off("close", settle);
      resolve();
    };
    socket.on("drain", settle);
    socket.on("close", settle);
  });
