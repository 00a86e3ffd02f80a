/**
 * Runs one stream's sender, and its WebCodecs encoder where one was chosen: in the stream's own worker, or on the page
 * where workers cannot be had.
 */

import { type OpenSocket, StreamSender, type StreamSenderOptions } from "../transport";
import type { SendOptions, WorkerCommand, WorkerEvent } from "./commands";
import { type EncodingEnvironment, HostEncoding } from "./host-encoding";
import { HostStorage, type StorageEnvironment } from "./host-storage";

export interface HostEnvironment extends EncodingEnvironment, StorageEnvironment {
  readonly openSocket: OpenSocket;
}

/** A page that was told nothing for a while takes its worker for lost. */
const BEAT_MS = 500;
export class StreamHost {
  readonly #environment: HostEnvironment;
  readonly #emit: (event: WorkerEvent) => void;
  #sender: StreamSender | null = null;
  readonly #encoding: HostEncoding;
  readonly #storage: HostStorage;
  #isOver = false;
  #cancelBeat: () => void = () => {};

  constructor(environment: HostEnvironment, emit: (event: WorkerEvent) => void) {
    this.#environment = environment;
    this.#emit = emit;
    this.#storage = new HostStorage(environment);
    this.#encoding = new HostEncoding({
      environment,
      emit,
      sink: {
        segment: (info) => this.#sender?.openSegment(info),
        chunk: (chunk) => this.#sender?.push(chunk),
        segmentEnd: () => this.#sender?.closeSegment(),
      },
    });
    this.#beat();
  }

  handle(command: WorkerCommand): void {
    const sender = this.#sender;
    switch (command.kind) {
      case "start":
        if (sender || this.#isOver) break;
        this.#sender = this.#createSender(
          command.options,
          command.continues && { continues: command.continues },
        );
        this.#sender.start();
        void this.#storage.openFor(this.#sender, command.options);
        break;
      case "restore":
        if (!sender && !this.#isOver) void this.#restore(command.options);
        break;
      case "segment":
        sender?.openSegment(command.info);
        break;
      case "chunk":
        sender?.push(command.chunk);
        break;
      case "segment-end":
        sender?.closeSegment();
        break;
      case "muted":
        sender?.setMuted(command.muted);
        break;
      case "network":
        sender?.network(command.event);
        break;
      case "token":
        sender?.setToken(command.token);
        break;
      case "probe":
        void this.#encoding.probe(command);
        break;
      case "encode":
        void this.#encoding.encode(command.plan, command.input);
        break;
      case "encode-segment":
        this.#encoding.newSegment(command.input);
        break;
      case "encode-details":
        this.#encoding.setDetails(command.details);
        break;
      case "release":
        this.#encoding.release();
        this.#emit({ kind: "released" });
        break;
      case "encode-abort":
        this.#encoding.abort();
        break;
      case "finish":
        void this.#finish(command.recordedTo);
        break;
      case "abandon":
        this.#isOver = true;
        this.#encoding.drop();
        sender?.abandon();
        this.#storage.remove();
        break;
    }
  }

  /** Ends everything at once, where no worker can be ended in its place. */
  close(): void {
    this.#cancelBeat();
    this.handle({ kind: "abandon" });
  }

  #beat(): void {
    this.#emit({ kind: "alive" });
    this.#cancelBeat = this.#environment.clock.after(BEAT_MS, () => this.#beat());
  }

  async #restore(options: SendOptions): Promise<void> {
    const restores = await this.#storage.restore(options);
    if (!restores || this.#isOver) {
      this.#emit({ kind: "restored", found: null });
      return;
    }
    const { state, entries } = restores.stored;
    const endedAt = Math.max(state.startedAt, entries.at(-1)?.capturedTo ?? 0);
    this.#emit({ kind: "restored", found: { startedAt: state.startedAt, endedAt } });
    this.#sender = this.#createSender(options, { restores });
    this.#sender.start();
  }

  async #finish(recordedTo: number | undefined): Promise<void> {
    if (this.#isOver) return this.#emit({ kind: "flushed" });
    this.#isOver = true;
    await this.#encoding.end();
    this.#sender?.finish(recordedTo);
    this.#emit({ kind: "flushed" });
  }

  #createSender(
    options: SendOptions,
    former: Pick<StreamSenderOptions, "continues" | "restores"> = {},
  ): StreamSender {
    const { clock, openSocket } = this.#environment;
    const sender: StreamSender = new StreamSender({
      ...options,
      ...former,
      openSocket,
      clock,
      random: Math.random,
      onNumbered: (numbered) => this.#emit({ kind: "numbered", ...numbered }),
      onRenumbered: (moved) => this.#emit({ kind: "renumbered", ...moved }),
      onAcknowledged: (seq) => this.#emit({ kind: "acknowledged", seq }),
      onSegmentWanted: (reason) => {
        // Straight to an encoder that runs here: the page may be busy.
        this.#encoding.newSegment();
        this.#emit({ kind: "segment-wanted", reason });
      },
      onTokenWanted: () => this.#emit({ kind: "token-wanted" }),
      onGap: (gap) => this.#emit({ kind: "gap", gap }),
      onStatus: (status) => {
        // Refused for good: nothing that is encoded from here on would ever leave, and no input that is on its way.
        if (status.delivery.kind === "failed") this.#encoding.drop();
        this.#storage.follow(status, former.restores !== undefined);
        this.#encoding.followPath(status);
        this.#emit({ kind: "report", status, record: sender.record, ...this.#encoding.figures });
      },
    });
    return sender;
  }
}
