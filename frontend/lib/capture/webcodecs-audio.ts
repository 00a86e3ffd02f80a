import { CaptureClock } from "./capture-clock";
import { type Cadence, DEFAULT_CADENCE } from "./chunk-batcher";
import { type Clock, systemClock } from "./clock";
import { EncoderError, type EncoderStats, type StreamEncoder } from "./encoder";
import { loadMuxer, type MuxerFactory } from "./muxer";
import { PCM_BLOCK_MS, PCM_STOP, type PcmBlock, type PcmInput } from "./pcm-input";
import { SegmentWriter } from "./segment-writer";
import type { ChunkSink } from "./types";

export interface WebCodecsAudioOptions {
  readonly bitsPerSecond: number;
  /** A sentence that is sent with every segment: why this encoder was chosen. */
  readonly reason: string;
  /** Encoding ended after `start` had resolved and could not be taken up again. */
  readonly onFailure: (error: EncoderError) => void;
  readonly cadence?: Cadence;
  readonly clock?: Clock;
  readonly createEncoder?: (init: AudioEncoderInit) => AudioEncoder;
  readonly loadMuxer?: () => Promise<MuxerFactory>;
}

export const FIRST_BYTES_MS = 3_000;
/** A second of sound waiting for the encoder: it does not come back by itself, and memory has an end. */
const MAX_QUEUE = 1_000 / PCM_BLOCK_MS;
/** An encoder that breaks again within this time is not started again. */
const SOUND_MS = 5_000;

/** The `AudioEncoderConfig` for live Opus of one channel. */
export function opusConfig(sampleRate: number, bitsPerSecond: number): AudioEncoderConfig {
  return {
    codec: "opus",
    sampleRate,
    numberOfChannels: 1,
    bitrate: bitsPerSecond,
    opus: { frameDuration: PCM_BLOCK_MS * 1_000 },
  };
}

/** Encodes samples to Opus with WebCodecs, 20 ms at a time, on the page or in a worker. */
export class WebCodecsAudioEncoder implements StreamEncoder<PcmInput> {
  readonly kind = "audio";
  readonly name = "webcodecs";
  private readonly options: WebCodecsAudioOptions;
  private readonly clock: Clock;
  private writer: SegmentWriter | undefined;
  private encoder: AudioEncoder | undefined;
  private input: PcmInput | undefined;
  private captureClock = new CaptureClock();
  private bitsPerSecond: number;
  private decoderConfig: AudioDecoderConfig | undefined;
  private wantsSegment = true;
  private segmentStartUs = 0;
  private lastTimestampUs = Number.NEGATIVE_INFINITY;
  private droppedBlocks = 0;
  private brokeAt = Number.NEGATIVE_INFINITY;
  private stopWatch = () => {};
  private started: { resolve: () => void; reject: (error: EncoderError) => void } | undefined;

  constructor(options: WebCodecsAudioOptions) {
    this.options = options;
    this.clock = options.clock ?? systemClock;
    this.bitsPerSecond = options.bitsPerSecond;
  }

  start(input: PcmInput, sink: ChunkSink): Promise<void> {
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

  newSegment(input?: PcmInput): void {
    this.wantsSegment = true;
    if (input) this.read(input);
  }

  setBitrate(bitsPerSecond: number): "applied" {
    this.bitsPerSecond = bitsPerSecond;
    if (this.encoder && this.input) this.encoder.configure(opusConfig(this.input.sampleRate, bitsPerSecond));
    return "applied";
  }

  async stop(): Promise<void> {
    this.stopWatch();
    this.stopReading();
    const { encoder } = this;
    this.encoder = undefined;
    // An encoder that was taken back rejects; everything before is in the writer.
    if (encoder?.state === "configured") await encoder.flush().catch(() => {});
    if (encoder && encoder.state !== "closed") encoder.close();
    await this.writer?.end();
    this.started?.resolve();
    this.started = undefined;
  }

  stats(): EncoderStats {
    const counts = this.writer?.counts ?? { segments: 0, chunks: 0, bytes: 0 };
    return { ...counts, droppedFrames: this.droppedBlocks, emptyChunks: 0, lostChunks: 0 };
  }

  private read(input: PcmInput): void {
    this.stopReading();
    this.input = input;
    this.captureClock = new CaptureClock();
    this.wantsSegment = true;
    this.openEncoder();
    input.port.onmessage = ({ data }: MessageEvent<PcmBlock>) => this.encode(data, input);
  }

  private stopReading(): void {
    const { input } = this;
    this.input = undefined;
    if (!input) return;
    input.port.onmessage = null;
    input.port.postMessage(PCM_STOP);
    input.port.close();
  }

  private openEncoder(): void {
    const { input, encoder: old } = this;
    if (!input) return;
    if (old && old.state !== "closed") old.close();
    const create = this.options.createEncoder ?? ((init) => new AudioEncoder(init));
    try {
      const encoder: AudioEncoder = create({
        output: (chunk, metadata) => this.take(chunk, metadata),
        error: (cause) => {
          if (this.encoder === encoder) this.restart(String(cause));
        },
      });
      this.encoder = encoder;
      encoder.configure(opusConfig(input.sampleRate, this.bitsPerSecond));
    } catch (cause) {
      this.fail(String(cause));
    }
  }

  private encode({ samples, position, at }: PcmBlock, { sampleRate }: PcmInput): void {
    const { encoder } = this;
    if (!encoder) return;
    const timestampUs = Math.round((position / sampleRate) * 1e6);
    const durationMs = (samples.length / sampleRate) * 1e3;
    this.captureClock.observe(timestampUs / 1e3 + durationMs, at);
    if (encoder.encodeQueueSize > MAX_QUEUE) {
      this.droppedBlocks++;
      return;
    }
    const data = new AudioData({
      format: "f32",
      sampleRate,
      numberOfFrames: samples.length,
      numberOfChannels: 1,
      timestamp: timestampUs,
      data: samples,
    });
    try {
      encoder.encode(data);
    } catch (cause) {
      this.restart(String(cause));
    } finally {
      data.close();
    }
  }

  private take(chunk: EncodedAudioChunk, metadata: EncodedAudioChunkMetadata | undefined): void {
    const { writer } = this;
    // Encoders repeat the config when they like; one of Opus always decodes like the other.
    this.decoderConfig = metadata?.decoderConfig ?? this.decoderConfig;
    if (!writer || !this.decoderConfig) return;
    const durationUs = chunk.duration ?? PCM_BLOCK_MS * 1_000;
    if (this.wantsSegment) {
      this.wantsSegment = false;
      this.segmentStartUs = chunk.timestamp;
      this.lastTimestampUs = Number.NEGATIVE_INFINITY;
      writer.begin({
        codec: "opus",
        startedAt: this.clock.now(),
        encoder: { name: this.name, reason: this.options.reason },
        sampleRate: this.decoderConfig.sampleRate,
        channels: this.decoderConfig.numberOfChannels,
      });
    }
    // WebKitGTK stamps every packet with the block that it came from, so two may carry the same time.
    const timestampUs = Math.max(
      chunk.timestamp - this.segmentStartUs,
      this.lastTimestampUs + durationUs / 2,
    );
    this.lastTimestampUs = timestampUs;
    const capturedFrom = this.captureClock.capturedAt(chunk.timestamp / 1e3);
    writer.write({
      chunk,
      timestampUs,
      decoderConfig: this.decoderConfig,
      capturedFrom,
      capturedTo: capturedFrom + durationUs / 1e3,
    });
  }

  private restart(detail: string): void {
    const now = this.clock.now();
    if (now - this.brokeAt < SOUND_MS) {
      this.fail(detail);
      return;
    }
    this.brokeAt = now;
    this.wantsSegment = true;
    this.openEncoder();
  }

  private fail(detail: string): void {
    this.stopWatch();
    this.stopReading();
    const { started, encoder } = this;
    this.started = this.encoder = undefined;
    if (encoder && encoder.state !== "closed") encoder.close();
    const error = new EncoderError(this.kind, started ? "no-bytes" : "broken", detail);
    if (started) started.reject(error);
    else this.options.onFailure(error);
  }
}
