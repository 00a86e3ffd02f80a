import { type Clock, systemClock } from "../../clock";
import { CaptureClock } from "../encode/capture-clock";
import { CurrentCodec } from "../encode/current-codec";
import type { EncoderStats, StreamEncoder } from "../encode/encoder";
import type { Codec } from "../encode/muxer";
import { EncoderOutput, type WebCodecsOptions } from "../encode/output";
import type { SegmentPlan } from "../encode/segment-writer";
import type { ChunkSink, Size } from "../types";
import { type FrameDetails, type FrameInput, framesOf } from "./frame-input";
import { FramesInFlight } from "./in-flight";
import { SegmentStarts } from "./segment-starts";
import { encodedSize, needsDrawing, UprightDrawer, uprightSize } from "./upright";

/** What a probe found to encode for real; `probeVideo` makes it. */
export interface VideoCodecChoice {
  readonly codec: Codec;
  /** Everything but the size, the rate and the bit-rate. */
  readonly config: Omit<VideoEncoderConfig, "width" | "height" | "bitrate" | "framerate">;
}

export interface WebCodecsVideoOptions extends WebCodecsOptions {
  readonly choice: VideoCodecChoice;
  /** No picture is encoded larger than this, whichever way up. */
  readonly maxSize: Size;
  /** What the camera was asked for. */
  readonly frameRate: number;
  readonly createEncoder?: (init: VideoEncoderInit) => VideoEncoder;
  readonly drawer?: Pick<UprightDrawer, "draw">;
}

/** What is made of the camera's pictures now; never more than the options allow. */
export interface PictureSettings {
  readonly bitsPerSecond: number;
  readonly framesPerSecond: number;
  readonly maxSize: Size;
  /** Where a reader may join, and where a lossy reader recovers. */
  readonly keyFrameEveryMs: number;
}

const KEY_FRAME_EVERY_MS = 2_000;
/** More frames than this waiting for the encoder: the phone cannot keep up. */
const MAX_QUEUE = 2;
/**
 * Frames go in and nothing comes out: browsers take codecs back in the background, some without a word. Twice as long
 * after each time that a new one gave nothing either: one that is only slow would begin for ever.
 */
export const STALL_MS = 2_000;
const MAX_STALL_MS = 8_000;

/**
 * Encodes with WebCodecs, frame by frame, on the page or in a worker. A new segment costs no frame: the encoder goes on
 * and is only asked for a key frame. When a source ends, the encoder waits for the next one by `newSegment`.
 */
export class WebCodecsVideoEncoder implements StreamEncoder<FrameInput> {
  readonly kind = "video";
  readonly name = "webcodecs";
  readonly #options: WebCodecsVideoOptions;
  readonly #clock: Clock;
  readonly #drawer: Pick<UprightDrawer, "draw">;
  readonly #inFlight = new FramesInFlight();
  readonly #starts = new SegmentStarts();
  #output: EncoderOutput | undefined;
  readonly #codec = new CurrentCodec<VideoEncoder>();
  #reader: ReadableStreamDefaultReader<VideoFrame> | undefined;
  #details: FrameDetails = {};
  #captureClock = new CaptureClock();
  #bitsPerSecond: number;
  #frameRate: number;
  #maxSize: Size;
  #keyFrameEveryMs = KEY_FRAME_EVERY_MS;
  /** The settings changed, and the encoder shall have them with its next frame. */
  #isStale = false;
  #size: Size | undefined;
  #wantsSegment = true;
  #wantsKeyFrame = false;
  #lastKeyFrameUs = 0;
  #lastTimestampUs: number | undefined;
  /** Added to a source's timestamps so that the encoder's go on rising when the source changes. */
  #shiftUs: number | undefined = 0;
  #droppedFrames = 0;
  #stopStallWatch: (() => void) | undefined;
  #stallMs = STALL_MS;

  constructor(options: WebCodecsVideoOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#drawer = options.drawer ?? new UprightDrawer();
    this.#bitsPerSecond = options.bitsPerSecond;
    this.#frameRate = options.frameRate;
    this.#maxSize = options.maxSize;
  }

  start(input: FrameInput, sink: ChunkSink): Promise<void> {
    this.#output = new EncoderOutput(this.kind, sink, this.#options, () => {
      this.#stopReading();
      this.#closeEncoder();
    });
    this.#read(input);
    return this.#output.firstBytes;
  }

  newSegment(input?: FrameInput): void {
    this.#wantsSegment = true;
    if (input) this.#read(input);
  }

  /** Lets go of the source; the encoder waits for the next one by `newSegment`. */
  release(): void {
    this.#stopReading();
  }

  /** The picture was turned, or its source changed its settings. A new size begins a new segment by itself. */
  setDetails(details: FrameDetails): void {
    this.#details = details;
  }

  setBitrate(bitsPerSecond: number): "applied" {
    this.#bitsPerSecond = bitsPerSecond;
    this.#configure();
    return "applied";
  }

  /**
   * Takes effect with the next frame. Another size begins another segment, which decodes alone; frames left out on
   * purpose do not count as dropped.
   */
  setPicture({ bitsPerSecond, framesPerSecond, maxSize, keyFrameEveryMs }: PictureSettings): void {
    this.#bitsPerSecond = bitsPerSecond;
    this.#frameRate = Math.min(framesPerSecond, this.#options.frameRate);
    this.#maxSize = encodedSize(this.#options.maxSize, maxSize);
    this.#keyFrameEveryMs = keyFrameEveryMs;
    this.#isStale = true;
  }

  async stop(): Promise<void> {
    this.#stopReading();
    await this.#codec.flush(this.#clock);
    await this.#output?.end();
  }

  stats(): EncoderStats {
    const counts = this.#output?.writer.counts ?? { segments: 0, chunks: 0, bytes: 0 };
    const droppedFrames = this.#droppedFrames + this.#inFlight.leftOut;
    return { ...counts, droppedFrames, emptyChunks: 0, lostChunks: 0 };
  }

  #read(input: FrameInput): void {
    this.#stopReading();
    this.#details = input.details;
    this.#captureClock = new CaptureClock();
    if (this.#lastTimestampUs !== undefined) this.#shiftUs = undefined;
    this.#wantsSegment = true;
    try {
      const reader = framesOf(input).getReader();
      this.#reader = reader;
      this.#pump(reader, input.from === "track").catch((cause) => this.#output?.fail(String(cause)));
    } catch (cause) {
      this.#output?.fail(String(cause));
    }
  }

  #stopReading(): void {
    // A cancelled source gives the camera's buffers back; that it had already ended changes nothing.
    this.#reader?.cancel().catch(() => {});
    this.#reader = undefined;
  }

  async #pump(reader: ReadableStreamDefaultReader<VideoFrame>, mayHideRotation: boolean): Promise<void> {
    for (;;) {
      const { done, value: frame } = await reader.read();
      if (done) return;
      try {
        if (this.#reader === reader) this.#encode(frame, mayHideRotation);
      } catch (cause) {
        // A codec that was taken back between two frames, or a frame that it will not have.
        this.#restart(String(cause));
      } finally {
        frame.close();
      }
    }
  }

  #encode(frame: VideoFrame, mayHideRotation: boolean): void {
    const now = this.#clock.now();
    this.#captureClock.observe(frame.timestamp / 1e3, now);
    const timestampUs = this.#timestampOf(frame);
    if (timestampUs === undefined) return;
    const busy = this.#codec.value;
    if (busy && (busy.encodeQueueSize > MAX_QUEUE || this.#inFlight.isFull(now))) {
      this.#droppedFrames++;
      return;
    }
    const size = encodedSize(uprightSize(frame, this.#details), this.#maxSize);
    const encoder = this.#encoderFor(size);
    if (this.#wantsSegment) {
      this.#wantsSegment = false;
      this.#wantsKeyFrame = true;
      this.#starts.ask(timestampUs, this.#plan(size));
    }
    const keyFrame =
      this.#wantsKeyFrame || timestampUs - this.#lastKeyFrameUs >= this.#keyFrameEveryMs * 1_000;
    if (keyFrame) this.#lastKeyFrameUs = timestampUs;
    this.#wantsKeyFrame = false;
    this.#lastTimestampUs = timestampUs;
    this.#inFlight.enter(timestampUs, this.#captureClock.capturedAt(frame.timestamp / 1e3), now);
    if (needsDrawing(frame, size, mayHideRotation)) {
      encodeAndClose(encoder, this.#drawer.draw(frame, size, timestampUs), keyFrame);
    } else if (frame.timestamp === timestampUs) {
      encoder.encode(frame, { keyFrame });
    } else {
      encodeAndClose(encoder, new VideoFrame(frame, { timestamp: timestampUs }), keyFrame);
    }
    this.#stopStallWatch ??= this.#clock.after(this.#stallMs, () => this.#replaceSilent());
  }

  /** @returns the frame's timestamp for the encoder; undefined when it is to be left out on purpose. */
  #timestampOf(frame: VideoFrame): number | undefined {
    const lastTimestampUs = this.#lastTimestampUs;
    const frameRate = this.#frameRate;
    const intervalUs = Math.round(1e6 / frameRate);
    this.#shiftUs ??= (lastTimestampUs ?? 0) + intervalUs - frame.timestamp;
    const timestampUs = frame.timestamp + this.#shiftUs;
    // A third of tolerance, or the jitter of a camera at 30 would make 10 of 15.
    const nextUs = (lastTimestampUs ?? Number.NEGATIVE_INFINITY) + (this.#isThinned ? intervalUs * 0.67 : 1);
    return timestampUs >= nextUs ? timestampUs : undefined;
  }

  /** Whether frames are left out on purpose. */
  get #isThinned(): boolean {
    return this.#frameRate < this.#options.frameRate;
  }

  #encoderFor(size: Size): VideoEncoder {
    let encoder = this.#codec.value;
    if (!encoder) {
      const create = this.#options.createEncoder ?? ((init) => new VideoEncoder(init));
      encoder = this.#codec.open(
        (error) => create({ output: (chunk, metadata) => this.#take(chunk, metadata), error }),
        (detail) => this.#restart(detail),
      );
      this.#size = undefined;
    }
    if (size.width !== this.#size?.width || size.height !== this.#size.height) {
      this.#size = size;
      this.#configure();
      this.#wantsSegment = true;
    } else if (this.#isStale) {
      this.#configure();
    }
    return encoder;
  }

  #configure(): void {
    const encoder = this.#codec.value;
    const size = this.#size;
    const bitrate = this.#bitsPerSecond;
    const framerate = this.#frameRate;
    this.#isStale = false;
    // Always with both rates: WebKit's realtime mode gave no frames without (https://github.com/WebKit/WebKit/pull/20842).
    if (encoder && size) encoder.configure({ ...this.#options.choice.config, ...size, bitrate, framerate });
  }

  #plan({ width, height }: Size): SegmentPlan {
    const { choice, reason } = this.#options;
    const { facing, orientation } = this.#details;
    const given = this.#details.frameRate ?? this.#frameRate;
    return {
      codec: choice.codec,
      startedAt: this.#clock.now(),
      encoder: { name: this.name, reason },
      width,
      height,
      frameRate: this.#isThinned ? Math.min(given, this.#frameRate) : given,
      ...(facing && { facing }),
      ...(orientation !== undefined && { orientation }),
    };
  }

  #take(chunk: EncodedVideoChunk, metadata: EncodedVideoChunkMetadata | undefined): void {
    const { writer } = this.#output ?? {};
    if (!writer) return;
    this.#output?.noteOutput();
    this.#stallMs = STALL_MS;
    this.#stopStallWatch?.();
    this.#stopStallWatch = undefined;
    const capturedAt = this.#inFlight.leave(chunk.timestamp) ?? this.#clock.now();
    const placement = this.#starts.place(chunk, metadata?.decoderConfig);
    switch (placement.kind) {
      case "skip":
        this.#droppedFrames++;
        this.#wantsKeyFrame = true;
        return;
      case "begin":
        writer.begin(placement.plan);
        break;
      case "write":
        break;
    }
    const { timestampUs, decoderConfig } = placement;
    writer.write({ chunk, timestampUs, decoderConfig, capturedFrom: capturedAt, capturedTo: capturedAt });
  }

  #restart(detail: string): void {
    this.#forgetEncoder();
    this.#wantsSegment = this.#output?.mayRestart(detail) ?? false;
  }

  #replaceSilent(): void {
    const detail = `no output for ${this.#stallMs} ms`;
    this.#stallMs = Math.min(2 * this.#stallMs, MAX_STALL_MS);
    this.#forgetEncoder();
    this.#wantsSegment = this.#output?.mayRestartSilent(detail) ?? false;
  }

  #forgetEncoder(): void {
    this.#closeEncoder();
    this.#starts.forget();
  }

  #closeEncoder(): void {
    this.#stopStallWatch?.();
    this.#stopStallWatch = undefined;
    this.#inFlight.clear();
    this.#codec.close();
  }
}

function encodeAndClose(encoder: VideoEncoder, frame: VideoFrame, keyFrame: boolean): void {
  try {
    encoder.encode(frame, { keyFrame });
  } finally {
    frame.close();
  }
}
