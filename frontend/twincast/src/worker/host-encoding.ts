/**
 * The encoder of one stream beside its sender: its code, its input, its rate and its end. After `end` or `drop` nothing is
 * encoded any more: an input that comes later is let go at once.
 */

import { AudioAdaptation, type Reduction, VideoAdaptation } from "../adaptation";
import type { ChunkSink } from "../capture";
import { EncoderError } from "../capture/encode";
import type { FrameDetails } from "../capture/video";
import type { Clock } from "../clock";
import type { SenderStatus } from "../transport";
import type { Codecs, HostEncoder } from "./codecs";
import {
  type EncodePlan,
  type EncoderInput,
  releaseInput,
  type WorkerCommand,
  type WorkerEvent,
} from "./commands";

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

export interface EncodingEnvironment {
  readonly clock: Clock;
  /** Fetches the encoders' code; asked again after a failure. */
  readonly loadCodecs: () => Promise<Codecs>;
}

export interface HostEncodingOptions {
  readonly environment: EncodingEnvironment;
  readonly emit: (event: WorkerEvent) => void;
  /** Takes what the encoder gives. */
  readonly sink: ChunkSink;
}

export class HostEncoding {
  readonly #environment: HostEncodingOptions["environment"];
  readonly #emit: (event: WorkerEvent) => void;
  readonly #sink: ChunkSink;
  #codecs: Promise<Codecs> | null = null;
  #encoding: Encoding = { kind: "none" };
  #isOver = false;

  constructor({ environment, emit, sink }: HostEncodingOptions) {
    this.#environment = environment;
    this.#emit = emit;
    this.#sink = sink;
  }

  /** What a report says of the encoder. */
  get figures(): { readonly droppedFrames: number; readonly reduction?: Reduction } {
    const encoding = this.#encoding;
    if (encoding.kind !== "encoding") return { droppedFrames: 0 };
    const { droppedFrames } = encoding.encoder.stats();
    return { droppedFrames, reduction: encoding.adaptation.reduction };
  }

  async probe({ request }: Extract<WorkerCommand, { kind: "probe" }>): Promise<void> {
    try {
      const codecs = await this.#loadCodecs();
      const result = await codecs.probe(request);
      this.#emit({ kind: "probed", result, hasTrackProcessor: codecs.hasTrackProcessor });
    } catch (cause) {
      const result = { kind: "fails", reason: `the encoder's code did not load: ${cause}` } as const;
      this.#emit({ kind: "probed", result, hasTrackProcessor: false });
    }
  }

  async encode(plan: EncodePlan, input: EncoderInput): Promise<void> {
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

  newSegment(input?: EncoderInput): void {
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

  setDetails(details: FrameDetails): void {
    if (this.#encoding.kind === "encoding") this.#encoding.encoder.setDetails(details);
  }

  /** Lets go of the input. */
  release(): void {
    if (this.#encoding.kind === "encoding") this.#encoding.encoder.release();
    if (this.#encoding.kind === "loading") releaseInput(this.#encoding.input);
  }

  /** Fits what is encoded here to the path. */
  followPath({ path }: SenderStatus): void {
    if (this.#encoding.kind !== "encoding") return;
    const { encoder, adaptation } = this.#encoding;
    const before = adaptation.rate;
    const rate = adaptation.follow(path, this.#environment.clock.now());
    if (rate !== before) encoder.setRate(rate);
  }

  /** Gives the encoder up: from it nothing is taken any more. */
  abort(): void {
    const encoding = this.#encoding;
    this.#encoding = { kind: "none" };
    if (encoding.kind === "loading") releaseInput(encoding.input);
    if (encoding.kind !== "encoding") return;
    encoding.isOpen = false;
    encoding.encoder.release();
    void encoding.encoder.stop().catch(() => {});
  }

  /** As `abort`, for good. */
  drop(): void {
    this.#isOver = true;
    this.abort();
  }

  /** Records nothing any more, at once. Resolves when the last chunks are in the sink, or given up after `FLUSH_MS`. */
  async end(): Promise<void> {
    this.#isOver = true;
    const encoding = this.#encoding;
    if (encoding.kind === "encoding") {
      encoding.encoder.release();
      await Promise.race([encoding.encoder.stop().catch(() => {}), this.#after(FLUSH_MS)]);
    }
    // Whatever of it still comes belongs to nothing.
    this.abort();
  }

  #loadCodecs(): Promise<Codecs> {
    this.#codecs ??= this.#environment.loadCodecs();
    // A failed fetch is tried again by the next who needs it.
    this.#codecs.catch(() => {
      this.#codecs = null;
    });
    return this.#codecs;
  }

  #failEncoding(code: EncoderError["code"], detail: string): void {
    this.abort();
    this.#emit({ kind: "encode-failed", code, detail });
  }

  #sinkOf(encoding: { readonly isOpen: boolean }): ChunkSink {
    return {
      segment: (info) => {
        if (!encoding.isOpen) return;
        this.#emit({ kind: "segment", info });
        this.#sink.segment(info);
      },
      chunk: (chunk) => encoding.isOpen && this.#sink.chunk(chunk),
      segmentEnd: () => encoding.isOpen && this.#sink.segmentEnd(),
    };
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
