/**
 * Runs one stream's sender, and its WebCodecs encoder where one was chosen: in the stream's own worker, or on the page
 * where workers cannot be had.
 *
 * After `finish` or `abandon` nothing is encoded any more: an input that comes later is let go at once.
 */

import { AudioAdaptation, VideoAdaptation } from "../adaptation";
import type { ChunkSink } from "../capture";
import { EncoderError } from "../capture/encode";
import type { Clock } from "../clock";
import { type OpenSocket, type SenderStatus, StreamSender } from "../transport";
import type { Codecs, HostEncoder } from "./codecs";
import {
  type EncodePlan,
  type EncoderInput,
  releaseInput,
  type WorkerCommand,
  type WorkerEvent,
} from "./commands";

export interface HostEnvironment {
  readonly clock: Clock;
  readonly openSocket: OpenSocket;
  /** Fetches the encoders' code; asked again after a failure. */
  readonly loadCodecs: () => Promise<Codecs>;
}

/** A page that was told nothing for a while takes its worker for lost. */
const BEAT_MS = 500;
/** For an encoder's last chunks. A codec that the system took back may never answer. */
export const FLUSH_MS = 3_000;

type Encoding =
  | { readonly kind: "none" }
  /** Its code is on the way. */
  | { readonly kind: "loading"; readonly plan: EncodePlan; input: EncoderInput }
  | {
      readonly kind: "encoding";
      readonly encoder: HostEncoder;
      readonly adaptation: Adaptation;
      isOpen: boolean;
    };
type Adaptation = VideoAdaptation | AudioAdaptation;

export class StreamHost {
  readonly #environment: HostEnvironment;
  readonly #emit: (event: WorkerEvent) => void;
  #sender: StreamSender | null = null;
  #codecs: Promise<Codecs> | null = null;
  #encoding: Encoding = { kind: "none" };
  #isOver = false;
  #cancelBeat: () => void = () => {};

  constructor(environment: HostEnvironment, emit: (event: WorkerEvent) => void) {
    this.#environment = environment;
    this.#emit = emit;
    this.#beat();
  }

  handle(command: WorkerCommand): void {
    const sender = this.#sender;
    switch (command.kind) {
      case "start":
        if (sender || this.#isOver) break;
        this.#sender = this.#createSender(command);
        this.#sender.start();
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
        void this.#probe(command);
        break;
      case "encode":
        void this.#encode(command.plan, command.input);
        break;
      case "encode-segment":
        this.#newSegment(command.input);
        break;
      case "encode-details":
        if (this.#encoding.kind === "encoding") this.#encoding.encoder.setDetails(command.details);
        break;
      case "release":
        if (this.#encoding.kind === "encoding") this.#encoding.encoder.release();
        if (this.#encoding.kind === "loading") releaseInput(this.#encoding.input);
        this.#emit({ kind: "released" });
        break;
      case "encode-abort":
        this.#abortEncoding();
        break;
      case "finish":
        void this.#finish();
        break;
      case "abandon":
        this.#isOver = true;
        this.#abortEncoding();
        sender?.abandon();
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

  #loadCodecs(): Promise<Codecs> {
    this.#codecs ??= this.#environment.loadCodecs();
    // A failed fetch is tried again by the next who needs it.
    this.#codecs.catch(() => {
      this.#codecs = null;
    });
    return this.#codecs;
  }

  async #probe({ request }: Extract<WorkerCommand, { kind: "probe" }>): Promise<void> {
    try {
      const codecs = await this.#loadCodecs();
      const result = await codecs.probe(request);
      this.#emit({ kind: "probed", result, hasTrackProcessor: codecs.hasTrackProcessor });
    } catch (cause) {
      const result = { kind: "fails", reason: `the encoder's code did not load: ${cause}` } as const;
      this.#emit({ kind: "probed", result, hasTrackProcessor: false });
    }
  }

  async #encode(plan: EncodePlan, input: EncoderInput): Promise<void> {
    if (this.#isOver || this.#encoding.kind !== "none") return releaseInput(input);
    const loading: Encoding = { kind: "loading", plan, input };
    this.#encoding = loading;
    let codecs: Codecs;
    try {
      codecs = await this.#loadCodecs();
    } catch (cause) {
      if (this.#encoding === loading) this.#failEncoding("not-loaded", String(cause));
      return;
    }
    if (this.#encoding !== loading) return;
    const encoder = codecs.create(plan, (error) => {
      if (encoding.isOpen) this.#failEncoding(error.code, error.detail);
    });
    const encoding: Extract<Encoding, { kind: "encoding" }> = {
      kind: "encoding",
      encoder,
      adaptation: adaptationOf(plan),
      isOpen: true,
    };
    this.#encoding = encoding;
    try {
      await encoder.start(loading.input, this.#sinkOf(encoding));
      if (encoding.isOpen) this.#emit({ kind: "encoding" });
    } catch (cause) {
      if (!encoding.isOpen) return;
      if (cause instanceof EncoderError) this.#failEncoding(cause.code, cause.detail);
      else this.#failEncoding("no-bytes", String(cause));
    }
  }

  #newSegment(input?: EncoderInput): void {
    const encoding = this.#encoding;
    switch (encoding.kind) {
      case "none":
        if (input) releaseInput(input);
        break;
      case "loading":
        if (!input) break;
        releaseInput(encoding.input);
        encoding.input = input;
        break;
      case "encoding":
        encoding.encoder.newSegment(input);
        break;
    }
  }

  #failEncoding(code: EncoderError["code"], detail: string): void {
    this.#abortEncoding();
    this.#emit({ kind: "encode-failed", code, detail });
  }

  /** @returns the encoder, from which nothing is taken any more. */
  #abortEncoding(): void {
    const encoding = this.#encoding;
    this.#encoding = { kind: "none" };
    if (encoding.kind === "loading") releaseInput(encoding.input);
    if (encoding.kind !== "encoding") return;
    encoding.isOpen = false;
    encoding.encoder.release();
    void encoding.encoder.stop().catch(() => {});
  }

  async #finish(): Promise<void> {
    if (this.#isOver) return this.#emit({ kind: "flushed" });
    this.#isOver = true;
    const encoding = this.#encoding;
    if (encoding.kind === "encoding") {
      encoding.encoder.release();
      await Promise.race([encoding.encoder.stop().catch(() => {}), this.#after(FLUSH_MS)]);
    }
    // Whatever of it still comes belongs to nothing.
    this.#abortEncoding();
    this.#sender?.finish();
    this.#emit({ kind: "flushed" });
  }

  #sinkOf(encoding: { readonly isOpen: boolean }): ChunkSink {
    return {
      segment: (info) => {
        if (!encoding.isOpen) return;
        this.#emit({ kind: "segment", info });
        this.#sender?.openSegment(info);
      },
      chunk: (chunk) => encoding.isOpen && this.#sender?.push(chunk),
      segmentEnd: () => encoding.isOpen && this.#sender?.closeSegment(),
    };
  }

  /** Fits what is encoded here to the path. */
  #followPath({ path }: SenderStatus): void {
    if (this.#encoding.kind !== "encoding") return;
    const { encoder, adaptation } = this.#encoding;
    const before = adaptation.rate;
    const rate = adaptation.follow(path, this.#environment.clock.now());
    if (rate !== before) encoder.setRate(rate);
  }

  #createSender({ options, continues }: Extract<WorkerCommand, { kind: "start" }>): StreamSender {
    const { clock, openSocket } = this.#environment;
    const sender: StreamSender = new StreamSender({
      ...options,
      ...(continues && { continues }),
      openSocket,
      clock,
      random: Math.random,
      onNumbered: (numbered) => this.#emit({ kind: "numbered", ...numbered }),
      onSegmentWanted: (reason) => {
        // Straight to an encoder that runs here: the page may be busy.
        this.#newSegment();
        this.#emit({ kind: "segment-wanted", reason });
      },
      onTokenWanted: () => this.#emit({ kind: "token-wanted" }),
      onGap: (gap) => this.#emit({ kind: "gap", gap }),
      onStatus: (status) => {
        // Refused for good: nothing that is encoded from here on would ever leave.
        if (status.delivery.kind === "failed") this.#abortEncoding();
        this.#followPath(status);
        const encoding = this.#encoding;
        const isEncoding = encoding.kind === "encoding";
        this.#emit({
          kind: "report",
          status,
          record: sender.record,
          droppedFrames: isEncoding ? encoding.encoder.stats().droppedFrames : 0,
          ...(isEncoding && { reduction: encoding.adaptation.reduction }),
        });
      },
    });
    return sender;
  }

  #after(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#environment.clock.after(delayMs, resolve);
    });
  }
}

function adaptationOf(plan: EncodePlan): Adaptation {
  if (plan.stream === "audio") return new AudioAdaptation(plan);
  const { maxSize: size, frameRate, bitsPerSecond } = plan;
  return new VideoAdaptation({ size, frameRate, bitsPerSecond });
}
