import type { Clock } from "../../clock";
import type { EncodedChunk, SegmentInfo } from "../../model/media";
import type { StreamKind } from "../../model/stream";
import type { ChunkSink } from "../types";
import { type Cadence, ChunkBatcher } from "./batcher";
import type { Codec, MuxerFactory, SegmentMuxer } from "./muxer";

/** One frame (or one packet of audio) as WebCodecs encoded it. */
export interface EncodedFrame {
  readonly chunk: EncodedVideoChunk | EncodedAudioChunk;
  /** µs since its segment's first frame. */
  readonly timestampUs: number;
  readonly decoderConfig: VideoDecoderConfig | AudioDecoderConfig;
  /** When its first sample, or its picture, was captured; ms since the epoch. */
  readonly capturedFrom: number;
  readonly capturedTo: number;
}

export interface SegmentWriterOptions {
  readonly kind: StreamKind;
  readonly sink: ChunkSink;
  readonly cadence: Cadence;
  readonly clock: Clock;
  readonly loadMuxer: () => Promise<MuxerFactory>;
  onFirstBytes(): void;
  /** The container cannot be written; nothing more will come. */
  onFailure(cause: unknown): void;
}

/** What is known of a segment before its first frame is encoded. */
export type SegmentPlan = Omit<SegmentInfo, "mimeType" | "codecs"> & { readonly codec: Codec };

/**
 * Encoded frames in, a `ChunkSink`'s segments out: muxes, batches, and closes one segment before the next. Calls return
 * at once; the work happens in their order.
 */
export class SegmentWriter {
  readonly counts = { segments: 0, chunks: 0, bytes: 0 };
  readonly #options: SegmentWriterOptions;
  readonly #factory: Promise<MuxerFactory>;
  readonly #batcher: ChunkBatcher;
  #work: Promise<unknown> = Promise.resolve();
  #plan: SegmentPlan | undefined;
  #muxer: SegmentMuxer | undefined;
  #capturedUntil: number | undefined;
  #isAnnounced = false;
  #hasFailed = false;

  constructor(options: SegmentWriterOptions) {
    this.#options = options;
    this.#factory = options.loadMuxer();
    // Seen by the first segment; without this a failure before it would be an unhandled rejection.
    this.#factory.catch(() => {});
    this.#batcher = new ChunkBatcher(options.cadence, (chunk) => this.#deliver(chunk), options.clock);
  }

  /** Ends the segment that is open and begins another with the next frame. */
  begin(plan: SegmentPlan): void {
    void this.#enqueue(async () => {
      await this.#close();
      this.#plan = plan;
    });
  }

  write(frame: EncodedFrame): void {
    void this.#enqueue(() => this.#mux(frame));
  }

  /** Ends the segment that is open. Resolves when everything is in the sink. */
  end(): Promise<void> {
    return this.#enqueue(() => this.#close());
  }

  #enqueue(task: () => Promise<void>): Promise<void> {
    const done = this.#work.then(async () => {
      if (this.#hasFailed) return;
      try {
        await task();
      } catch (cause) {
        this.#hasFailed = true;
        this.#endSegment();
        this.#options.onFailure(cause);
      }
    });
    this.#work = done;
    return done;
  }

  async #mux(frame: EncodedFrame): Promise<void> {
    const plan = this.#plan;
    if (!plan) return;
    const { chunk, timestampUs, decoderConfig } = frame;
    const isFirst = this.#muxer === undefined;
    this.#muxer ??= await (await this.#factory)(plan.codec);
    const payload = await this.#muxer.add(chunk, timestampUs / 1e6, decoderConfig);
    if (isFirst) this.#announce(plan, this.#muxer, decoderConfig);
    // Spans join without a hole: what was dropped between two frames lies in the span of the second.
    const capturedFrom = this.#capturedUntil ?? frame.capturedFrom;
    const capturedTo = Math.max(capturedFrom, frame.capturedTo);
    this.#capturedUntil = capturedTo;
    const { kind } = this.#options;
    const keyFrame = kind === "audio" || chunk.type === "key";
    this.#batcher.add({ payload, capturedFrom, capturedTo, keyFrame }, kind === "video" && keyFrame);
  }

  #announce({ codec: _, ...plan }: SegmentPlan, muxer: SegmentMuxer, { codec }: { codec: string }): void {
    const { sink, kind } = this.#options;
    this.counts.segments++;
    this.#isAnnounced = true;
    sink.segment({ ...plan, mimeType: `${muxer.mimeType(kind)};codecs=${codec}`, codecs: codec });
  }

  async #close(): Promise<void> {
    const muxer = this.#muxer;
    const capturedUntil = this.#capturedUntil;
    this.#muxer = this.#plan = this.#capturedUntil = undefined;
    if (!muxer || capturedUntil === undefined) return;
    const payload = await muxer.finish();
    if (payload.byteLength > 0) {
      const keyFrame = this.#options.kind === "audio";
      this.#batcher.add({ payload, capturedFrom: capturedUntil, capturedTo: capturedUntil, keyFrame }, false);
    }
    this.#endSegment();
  }

  #endSegment(): void {
    if (!this.#isAnnounced) return;
    this.#isAnnounced = false;
    this.#batcher.flush();
    this.#options.sink.segmentEnd();
  }

  #deliver(chunk: EncodedChunk): void {
    this.#options.sink.chunk(chunk);
    this.counts.chunks++;
    this.counts.bytes += chunk.payload.byteLength;
    if (this.counts.chunks === 1) this.#options.onFirstBytes();
  }
}
