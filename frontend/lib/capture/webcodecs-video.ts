import { CaptureClock } from "./capture-clock";
import { type Cadence, DEFAULT_CADENCE } from "./chunk-batcher";
import { type Clock, systemClock } from "./clock";
import { EncoderError, type EncoderStats, type StreamEncoder } from "./encoder";
import { type FrameDetails, type FrameInput, framesOf } from "./frame-input";
import { type Codec, loadMuxer, type MuxerFactory } from "./muxer";
import { type SegmentPlan, SegmentWriter } from "./segment-writer";
import type { ChunkSink } from "./types";
import { encodedSize, needsDrawing, type Size, UprightDrawer, uprightSize } from "./upright";

/** What a probe found to encode for real; `probeVideo` makes it. */
export interface VideoCodecChoice {
  readonly codec: Codec;
  /** Everything but the size, the rate and the bit-rate. */
  readonly config: Omit<VideoEncoderConfig, "width" | "height" | "bitrate" | "framerate">;
}

export interface WebCodecsVideoOptions {
  readonly choice: VideoCodecChoice;
  /** No picture is encoded larger than this, whichever way up. */
  readonly maxSize: Size;
  readonly frameRate: number;
  readonly bitsPerSecond: number;
  /** A sentence that is sent with every segment: why this encoder was chosen. */
  readonly reason: string;
  /** Encoding ended after `start` had resolved and could not be taken up again. */
  readonly onFailure: (error: EncoderError) => void;
  readonly cadence?: Cadence;
  readonly clock?: Clock;
  readonly createEncoder?: (init: VideoEncoderInit) => VideoEncoder;
  readonly loadMuxer?: () => Promise<MuxerFactory>;
  readonly drawer?: Pick<UprightDrawer, "draw">;
}

/** A key frame this often: where a reader may join, and where a lossy reader recovers. */
const KEY_FRAME_EVERY_US = 2_000_000;
/** More frames than this waiting for the encoder is a delay that only grows: the phone cannot keep up. */
const MAX_QUEUE = 2;
/**
 * More frames than this inside the encoder is the same. Its own queue does not tell: Chromium's software encoders count
 * a frame as taken as soon as they have it, and were seen 3.7 s behind. Hardware pipelines hold up to four.
 */
const MAX_IN_FLIGHT = 6;
/** A frame that has not come out by now was left out by the encoder, which in realtime mode it may. */
const LEFT_OUT_MS = 1_000;
export const FIRST_BYTES_MS = 3_000;
/** Frames go in and nothing comes out: browsers may take a codec back, in silence, while they are in the background. */
const STALL_MS = 2_000;
/** An encoder that breaks again within this time is not started again. */
const SOUND_MS = 5_000;

/**
 * Encodes with WebCodecs, frame by frame, on the page or in a worker. A new segment costs no frame: the encoder goes on
 * and is only asked for a key frame.
 */
export class WebCodecsVideoEncoder implements StreamEncoder<FrameInput> {
  readonly kind = "video";
  readonly name = "webcodecs";
  private readonly options: WebCodecsVideoOptions;
  private readonly clock: Clock;
  private readonly drawer: Pick<UprightDrawer, "draw">;
  private writer: SegmentWriter | undefined;
  private encoder: VideoEncoder | undefined;
  private reader: ReadableStreamDefaultReader<VideoFrame> | undefined;
  private details: FrameDetails = {};
  private captureClock = new CaptureClock();
  private bitsPerSecond: number;
  private frameRate: number;
  private size: Size | undefined;
  private decoderConfig: VideoDecoderConfig | undefined;
  /** Segments that begin with the first key frame at or after `timestampUs`. */
  private plans: { timestampUs: number; plan: SegmentPlan }[] = [];
  private wantsSegment = true;
  private wantsKeyFrame = false;
  private lastKeyFrameUs = 0;
  private lastTimestampUs = Number.NEGATIVE_INFINITY;
  /** Added to a source's timestamps so that those of the encoder's go on rising when the source changes. */
  private shiftUs: number | undefined = 0;
  private segmentStartUs: number | undefined;
  /** The frames inside the encoder, by timestamp, oldest first; times in ms since the epoch. */
  private readonly inFlight = new Map<number, { capturedAt: number; enteredAt: number }>();
  private droppedFrames = 0;
  private brokeAt = Number.NEGATIVE_INFINITY;
  private stopWatch = () => {};
  private started: { resolve: () => void; reject: (error: EncoderError) => void } | undefined;

  constructor(options: WebCodecsVideoOptions) {
    this.options = options;
    this.clock = options.clock ?? systemClock;
    this.drawer = options.drawer ?? new UprightDrawer();
    this.bitsPerSecond = options.bitsPerSecond;
    this.frameRate = options.frameRate;
  }

  start(input: FrameInput, sink: ChunkSink): Promise<void> {
    return new Promise((resolve, reject) => {
      this.started = { resolve, reject };
      this.writer = new SegmentWriter({
        kind: this.kind,
        sink,
        cadence: this.options.cadence ?? DEFAULT_CADENCE,
        clock: this.clock,
        loadMuxer: this.options.loadMuxer ?? loadMuxer,
        onFirstBytes: () => {
          this.stopWatch();
          this.started?.resolve();
          this.started = undefined;
        },
        onFailure: (cause) => this.fail(String(cause)),
      });
      this.stopWatch = this.clock.after(FIRST_BYTES_MS, () => this.fail(`no bytes in ${FIRST_BYTES_MS} ms`));
      this.read(input);
    });
  }

  newSegment(input?: FrameInput): void {
    this.wantsSegment = true;
    if (input) this.read(input);
  }

  /** The picture was turned, or its source changed its settings. A new size begins a new segment by itself. */
  setDetails(details: FrameDetails): void {
    this.details = details;
  }

  setBitrate(bitsPerSecond: number): "applied" {
    this.bitsPerSecond = bitsPerSecond;
    if (this.encoder && this.size) this.configure(this.encoder, this.size);
    return "applied";
  }

  /** Encodes at most this many frames a second; those left out on purpose do not count as dropped. */
  setFrameRate(framesPerSecond: number): void {
    this.frameRate = framesPerSecond;
    if (this.encoder && this.size) this.configure(this.encoder, this.size);
  }

  async stop(): Promise<void> {
    this.stopWatch();
    this.stopReading();
    const { encoder } = this;
    this.encoder = undefined;
    if (encoder?.state === "configured") {
      // An encoder that was taken back rejects; what it had is lost, and everything before is in the writer.
      await encoder.flush().catch(() => {});
    }
    if (encoder && encoder.state !== "closed") encoder.close();
    await this.writer?.end();
    this.started?.resolve();
    this.started = undefined;
  }

  stats(): EncoderStats {
    const counts = this.writer?.counts ?? { segments: 0, chunks: 0, bytes: 0 };
    return { ...counts, droppedFrames: this.droppedFrames, emptyChunks: 0, lostChunks: 0 };
  }

  private stopReading(): void {
    // A cancelled source lets the camera's buffers go; that it had already ended changes nothing.
    this.reader?.cancel().catch(() => {});
    this.reader = undefined;
  }

  private read(input: FrameInput): void {
    this.stopReading();
    this.details = input.details;
    this.captureClock = new CaptureClock();
    if (this.lastTimestampUs !== Number.NEGATIVE_INFINITY) this.shiftUs = undefined;
    this.wantsSegment = true;
    try {
      const reader = framesOf(input).getReader();
      this.reader = reader;
      this.pump(reader, input.from === "track").catch((cause) => this.fail(String(cause)));
    } catch (cause) {
      this.fail(String(cause));
    }
  }

  /** Until the source ends: then a new input is awaited, which whoever watches the devices brings. */
  private async pump(
    reader: ReadableStreamDefaultReader<VideoFrame>,
    mayHideRotation: boolean,
  ): Promise<void> {
    for (;;) {
      const { done, value: frame } = await reader.read();
      if (done) return;
      try {
        if (this.reader === reader) this.encode(frame, mayHideRotation);
      } catch (cause) {
        // A codec that was taken back between two frames, or a frame that it will not have.
        this.restart(String(cause));
      } finally {
        frame.close();
      }
    }
  }

  private encode(frame: VideoFrame, mayHideRotation: boolean): void {
    this.captureClock.observe(frame.timestamp / 1e3, this.clock.now());
    this.shiftUs ??= this.lastTimestampUs + Math.round(1e6 / this.frameRate) - frame.timestamp;
    const timestampUs = frame.timestamp + this.shiftUs;
    // Half a frame of tolerance: a camera at 30 must not be cut to 20 by its own jitter.
    const tooSoonUs = 0.5e6 / this.frameRate;
    if (timestampUs <= this.lastTimestampUs + (this.frameRate < this.options.frameRate ? tooSoonUs : 0))
      return;
    if (this.isBehind()) {
      this.droppedFrames++;
      return;
    }

    const size = encodedSize(uprightSize(frame, this.details), this.options.maxSize);
    const encoder = this.encoderFor(size);
    if (this.wantsSegment) {
      this.wantsSegment = false;
      this.plans.push({ timestampUs, plan: this.plan(size) });
      this.wantsKeyFrame = true;
    }
    const keyFrame = this.wantsKeyFrame || timestampUs - this.lastKeyFrameUs >= KEY_FRAME_EVERY_US;
    if (keyFrame) this.lastKeyFrameUs = timestampUs;
    this.wantsKeyFrame = false;
    this.lastTimestampUs = timestampUs;
    const capturedAt = this.captureClock.capturedAt(frame.timestamp / 1e3);
    this.inFlight.set(timestampUs, { capturedAt, enteredAt: this.clock.now() });
    if (needsDrawing(frame, size, mayHideRotation)) {
      encodeAndClose(encoder, this.drawer.draw(frame, size, timestampUs), keyFrame);
    } else if (frame.timestamp === timestampUs) {
      encoder.encode(frame, { keyFrame });
    } else {
      encodeAndClose(encoder, new VideoFrame(frame, { timestamp: timestampUs }), keyFrame);
    }
    this.watchForStall();
  }

  private isBehind(): boolean {
    if (!this.encoder) return false;
    const oldestAt = this.clock.now() - LEFT_OUT_MS;
    for (const [timestampUs, { enteredAt }] of this.inFlight) {
      if (enteredAt > oldestAt) break;
      this.inFlight.delete(timestampUs);
      this.droppedFrames++;
    }
    return this.encoder.encodeQueueSize > MAX_QUEUE || this.inFlight.size >= MAX_IN_FLIGHT;
  }

  private encoderFor(size: Size): VideoEncoder {
    if (!this.encoder) {
      const create = this.options.createEncoder ?? ((init) => new VideoEncoder(init));
      const encoder: VideoEncoder = create({
        output: (chunk, metadata) => this.take(chunk, metadata),
        error: (cause) => {
          if (this.encoder === encoder) this.restart(String(cause));
        },
      });
      this.encoder = encoder;
      this.size = undefined;
    }
    if (size.width !== this.size?.width || size.height !== this.size.height) {
      this.size = size;
      this.configure(this.encoder, size);
      this.wantsSegment = true;
    }
    return this.encoder;
  }

  private configure(encoder: VideoEncoder, { width, height }: Size): void {
    // Without a rate WebKit's realtime mode gave no frames: https://github.com/WebKit/WebKit/pull/20842
    const { bitsPerSecond: bitrate, frameRate: framerate } = this;
    encoder.configure({ ...this.options.choice.config, width, height, bitrate, framerate });
  }

  private plan({ width, height }: Size): SegmentPlan {
    const { choice, reason } = this.options;
    const { facing, orientation } = this.details;
    return {
      codec: choice.codec,
      startedAt: this.clock.now(),
      encoder: { name: this.name, reason },
      width,
      height,
      frameRate: this.details.frameRate ?? this.frameRate,
      ...(facing && { facing }),
      ...(orientation !== undefined && { orientation }),
    };
  }

  private take(chunk: EncodedVideoChunk, metadata: EncodedVideoChunkMetadata | undefined): void {
    const { writer } = this;
    if (!writer) return;
    this.stopWatchForStall();
    const capturedAt = this.forget(chunk.timestamp);
    const { decoderConfig } = metadata ?? {};
    if (decoderConfig && !isSameConfig(decoderConfig, this.decoderConfig)) {
      this.decoderConfig = decoderConfig;
      // A header made of the old one would not decode what comes now.
      if (this.segmentStartUs !== undefined && this.size && this.plans.length === 0) {
        this.plans.push({ timestampUs: chunk.timestamp, plan: this.plan(this.size) });
      }
    }
    const due = this.plans.filter(({ timestampUs }) => timestampUs <= chunk.timestamp).at(-1);
    if (due) {
      if (chunk.type !== "key") {
        // A realtime encoder may drop any frame, also the one that was to begin the segment.
        this.droppedFrames++;
        this.wantsKeyFrame = true;
        return;
      }
      this.plans = this.plans.filter(({ timestampUs }) => timestampUs > chunk.timestamp);
      this.segmentStartUs = chunk.timestamp;
      writer.begin(due.plan);
    }
    if (this.segmentStartUs === undefined || !this.decoderConfig) return;
    writer.write({
      chunk,
      timestampUs: chunk.timestamp - this.segmentStartUs,
      decoderConfig: this.decoderConfig,
      capturedFrom: capturedAt,
      capturedTo: capturedAt,
    });
  }

  /** @returns when the frame was captured; forgets it and those before it, which the encoder left out. */
  private forget(timestampUs: number): number {
    const capturedAt = this.inFlight.get(timestampUs)?.capturedAt ?? this.clock.now();
    for (const known of this.inFlight.keys()) {
      if (known > timestampUs) break;
      this.inFlight.delete(known);
      if (known < timestampUs) this.droppedFrames++;
    }
    return capturedAt;
  }

  private cancelStall: (() => void) | undefined;

  private watchForStall(): void {
    this.cancelStall ??= this.clock.after(STALL_MS, () => this.restart(`no output for ${STALL_MS} ms`));
  }

  private stopWatchForStall(): void {
    this.cancelStall?.();
    this.cancelStall = undefined;
  }

  private restart(detail: string): void {
    this.stopWatchForStall();
    const { encoder } = this;
    this.encoder = undefined;
    if (encoder && encoder.state !== "closed") encoder.close();
    this.inFlight.clear();
    this.plans = [];
    const now = this.clock.now();
    if (now - this.brokeAt < SOUND_MS) {
      this.fail(detail);
      return;
    }
    this.brokeAt = now;
    this.wantsSegment = true;
  }

  private fail(detail: string): void {
    this.stopWatch();
    this.stopWatchForStall();
    this.stopReading();
    const { started, encoder } = this;
    this.started = this.encoder = undefined;
    if (encoder && encoder.state !== "closed") encoder.close();
    const error = new EncoderError(this.kind, started ? "no-bytes" : "broken", detail);
    if (started) started.reject(error);
    else this.options.onFailure(error);
  }
}

function encodeAndClose(encoder: VideoEncoder, frame: VideoFrame, keyFrame: boolean): void {
  try {
    encoder.encode(frame, { keyFrame });
  } finally {
    frame.close();
  }
}

/** Whether a decoder set up for one can go on with the other. Encoders repeat an equal config when they like. */
function isSameConfig(one: VideoDecoderConfig, other: VideoDecoderConfig | undefined): boolean {
  return (
    other !== undefined &&
    one.codec === other.codec &&
    one.codedWidth === other.codedWidth &&
    one.codedHeight === other.codedHeight &&
    hex(one.description) === hex(other.description)
  );
}

function hex(bytes: AllowSharedBufferSource | undefined): string {
  if (!bytes) return "";
  const view = ArrayBuffer.isView(bytes)
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes);
  return view.join();
}
