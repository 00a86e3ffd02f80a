import type { Clock } from "../../clock";

export interface StallWatchOptions {
  /** Nothing for this long is a stall. */
  readonly stallMs: number;
  readonly clock: Clock;
  /** Told again and again, for as long as nothing comes. */
  readonly onStall: () => void;
}

/**
 * Finds a device that says it is live and gives nothing: by what an encoder makes of it, and only while an encoder
 * should give something.
 */
export class StallWatch {
  readonly #options: StallWatchOptions;
  #isExpecting = false;
  /** When the newest media was captured, or when it began to be expected. */
  #mediaAt: number;
  /** Until then an encoder that gives nothing has only not begun yet. */
  #firstMediaBy = 0;
  #stop = () => {};

  constructor(options: StallWatchOptions) {
    this.#options = options;
    this.#mediaAt = options.clock.now();
  }

  /** Whether an encoder should give something now. */
  get isExpecting(): boolean {
    return this.#isExpecting;
  }

  /** @param firstWithinMs how long the encoder may take to begin. */
  expect(isExpected: boolean, firstWithinMs: number): void {
    this.restart();
    this.#firstMediaBy = this.#mediaAt + firstWithinMs;
    if (isExpected === this.#isExpecting) return;
    this.#isExpecting = isExpected;
    this.#stop();
    if (isExpected) this.#watch();
  }

  /** Encoded media came out. */
  note(capturedTo: number): void {
    this.#mediaAt = Math.max(this.#mediaAt, capturedTo);
    this.#firstMediaBy = 0;
  }

  /** What came before, or did not come, does not count any more. */
  restart(): void {
    this.#mediaAt = this.#options.clock.now();
  }

  close(): void {
    this.#stop();
  }

  #watch(): void {
    const { stallMs, clock, onStall } = this.#options;
    this.#stop = clock.after(stallMs / 4, () => {
      this.#watch();
      const now = clock.now();
      if (now >= this.#firstMediaBy && now - this.#mediaAt >= stallMs) onStall();
    });
  }
}
