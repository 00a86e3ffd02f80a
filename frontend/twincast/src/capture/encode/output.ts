import { type Clock, systemClock } from "../../clock";
import type { StreamKind } from "../../model/stream";
import type { ChunkSink } from "../types";
import { type Cadence, DEFAULT_CADENCE } from "./batcher";
import { EncoderError, LAST_RESORT_MS } from "./encoder";
import { loadMuxer } from "./load-muxer";
import type { MuxerFactory } from "./muxer";
import { SegmentWriter } from "./segment-writer";

/** What the encoders of both kinds are made with. */
export interface WebCodecsOptions {
  readonly bitsPerSecond: number;
  /** A sentence that is sent with every segment: why this encoder was chosen. */
  readonly reason: string;
  /** Encoding ended after `start` had resolved and could not be taken up again. */
  readonly onFailure: (error: EncoderError) => void;
  readonly cadence?: Cadence;
  /** Nothing else could take its place: one that is slow is waited for, `LAST_RESORT_MS` long. */
  readonly isLastResort?: boolean;
  readonly clock?: Clock;
  readonly loadMuxer?: () => Promise<MuxerFactory>;
}

/** From `start` to the first bytes; an encoder that needs longer is given up for another one. */
export const FIRST_BYTES_MS = 3_000;
/** An encoder that breaks twice within this time is not started again. */
const STABLE_MS = 5_000;

/** The way out of an encoder: its segment writer, and the promise that `start` gave. */
export class EncoderOutput {
  readonly writer: SegmentWriter;
  /** Settles with the first bytes in the sink, with the failure to give any, or with the end. */
  readonly firstBytes: Promise<void>;
  readonly #kind: StreamKind;
  readonly #options: WebCodecsOptions;
  readonly #clock: Clock;
  readonly #close: () => void;
  readonly #stopWatch: () => void;
  #state: "starting" | "running" | "over" = "starting";
  #settle = { resolve: () => {}, reject: (_error: EncoderError) => {} };
  #brokeAt = Number.NEGATIVE_INFINITY;
  #gaveAt: number;

  /** @param close lets go of the encoder and its input; called once, when there is no more use for them. */
  constructor(kind: StreamKind, sink: ChunkSink, options: WebCodecsOptions, close: () => void) {
    this.#kind = kind;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#close = close;
    this.firstBytes = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.#gaveAt = this.#clock.now();
    const patienceMs = options.isLastResort ? LAST_RESORT_MS : FIRST_BYTES_MS;
    this.#stopWatch = this.#clock.after(patienceMs, () => this.fail(`no bytes in ${patienceMs} ms`));
    this.writer = new SegmentWriter({
      kind,
      sink,
      cadence: options.cadence ?? DEFAULT_CADENCE,
      clock: this.#clock,
      loadMuxer: options.loadMuxer ?? loadMuxer,
      onFirstBytes: () => {
        this.#stopWatch();
        if (this.#state === "starting") this.#state = "running";
        this.#settle.resolve();
      },
      onFailure: (cause) => this.fail(String(cause)),
    });
  }

  /** @returns whether the encoder may be started again; if it broke a moment ago, that is the end. */
  mayRestart(detail: string): boolean {
    const now = this.#clock.now();
    const hasJustBroken = now - this.#brokeAt < STABLE_MS;
    this.#brokeAt = now;
    if (hasJustBroken) this.fail(detail);
    return !hasJustBroken;
  }

  /** The encoder gave something. */
  noteOutput(): void {
    this.#gaveAt = this.#clock.now();
  }

  /** Like `mayRestart`, of one that gives nothing, but says nothing either. */
  mayRestartSilent(detail: string): boolean {
    if (!this.#options.isLastResort) return this.mayRestart(detail);
    const isOver = this.#clock.now() - this.#gaveAt >= LAST_RESORT_MS;
    if (isOver) this.fail(detail);
    return !isOver;
  }

  fail(detail: string): void {
    if (this.#state === "over") return;
    const error = new EncoderError(this.#kind, this.#state === "starting" ? "no-bytes" : "broken", detail);
    const wasStarting = this.#state === "starting";
    this.#state = "over";
    this.#stopWatch();
    this.#close();
    // Told when the open segment is closed: another encoder may go on with the same sink at once.
    void this.writer.end().then(() => {
      if (wasStarting) this.#settle.reject(error);
      else this.#options.onFailure(error);
    });
  }

  /** Resolves when everything that was encoded is in the sink. */
  async end(): Promise<void> {
    this.#state = "over";
    this.#stopWatch();
    this.#close();
    await this.writer.end();
    this.#settle.resolve();
  }
}
