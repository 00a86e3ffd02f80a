import { type Clock, systemClock } from "../../clock";
import { CaptureClock } from "../encode/capture-clock";
import { CurrentCodec } from "../encode/current-codec";
import type { EncoderStats, StreamEncoder } from "../encode/encoder";
import { EncoderOutput, type WebCodecsOptions } from "../encode/output";
import type { ChunkSink } from "../types";
import { PCM_BLOCK_MS, type PcmBlock, type PcmInput } from "./pcm-input";
import { readPcm } from "./pcm-reader";

export interface WebCodecsAudioOptions extends WebCodecsOptions {
  readonly createEncoder?: (init: AudioEncoderInit) => AudioEncoder;
}

/** A second of sound waiting for the encoder: it does not come back by itself, and memory has an end. */
const MAX_QUEUE = 1_000 / PCM_BLOCK_MS;

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

/** Encodes samples to Opus with WebCodecs, a block at a time, on the page or in a worker. */
export class WebCodecsAudioEncoder implements StreamEncoder<PcmInput> {
  readonly kind = "audio";
  readonly name = "webcodecs";
  readonly #options: WebCodecsAudioOptions;
  readonly #clock: Clock;
  #output: EncoderOutput | undefined;
  readonly #codec = new CurrentCodec<AudioEncoder>();
  #input: PcmInput | undefined;
  #endReading = () => {};
  #captureClock = new CaptureClock();
  #bitsPerSecond: number;
  #decoderConfig: AudioDecoderConfig | undefined;
  #wantsSegment = true;
  #segmentStartUs = 0;
  #lastTimestampUs = Number.NEGATIVE_INFINITY;
  #droppedBlocks = 0;

  constructor(options: WebCodecsAudioOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#bitsPerSecond = options.bitsPerSecond;
  }

  start(input: PcmInput, sink: ChunkSink): Promise<void> {
    this.#output = new EncoderOutput(this.kind, sink, this.#options, () => {
      this.#stopReading();
      this.#codec.close();
    });
    this.#read(input);
    return this.#output.firstBytes;
  }

  newSegment(input?: PcmInput): void {
    this.#wantsSegment = true;
    if (input) this.#read(input);
  }

  /** Lets go of the source; the encoder waits for the next one by `newSegment`. */
  release(): void {
    this.#stopReading();
  }

  setBitrate(bitsPerSecond: number): "applied" {
    this.#bitsPerSecond = bitsPerSecond;
    // One that was just taken back is replaced, with the new rate, when it says so.
    const encoder = this.#codec.value;
    if (encoder?.state === "configured" && this.#input) {
      encoder.configure(opusConfig(this.#input.sampleRate, bitsPerSecond));
    }
    return "applied";
  }

  async stop(): Promise<void> {
    this.#stopReading();
    await this.#codec.flush(this.#clock);
    await this.#output?.end();
  }

  stats(): EncoderStats {
    const counts = this.#output?.writer.counts ?? { segments: 0, chunks: 0, bytes: 0 };
    return { ...counts, droppedFrames: this.#droppedBlocks, emptyChunks: 0, lostChunks: 0 };
  }

  #read(input: PcmInput): void {
    this.#stopReading();
    this.#input = input;
    this.#captureClock = new CaptureClock();
    this.#wantsSegment = true;
    this.#openEncoder();
    const clock = this.#clock;
    this.#endReading = readPcm(input, {
      clock,
      onBlock: (block) => {
        // A stream gives what it had even after it was cancelled.
        if (this.#input === input) this.#encode(block, input);
      },
      onFailure: (detail) => {
        if (this.#input === input) this.#output?.fail(detail);
      },
    });
  }

  #stopReading(): void {
    this.#input = undefined;
    this.#endReading();
    this.#endReading = () => {};
  }

  #openEncoder(): void {
    const input = this.#input;
    if (!input) return;
    this.#codec.close();
    const create = this.#options.createEncoder ?? ((init) => new AudioEncoder(init));
    try {
      const encoder = this.#codec.open(
        (error) => create({ output: (chunk, metadata) => this.#take(chunk, metadata), error }),
        (detail) => this.#restart(detail),
      );
      encoder.configure(opusConfig(input.sampleRate, this.#bitsPerSecond));
    } catch (cause) {
      this.#output?.fail(String(cause));
    }
  }

  #encode({ samples, position, at }: PcmBlock, { sampleRate }: PcmInput): void {
    const encoder = this.#codec.value;
    if (!encoder) return;
    const timestampUs = Math.round((position / sampleRate) * 1e6);
    const durationMs = (samples.length / sampleRate) * 1e3;
    this.#captureClock.observe(timestampUs / 1e3 + durationMs, at);
    if (encoder.encodeQueueSize > MAX_QUEUE) {
      this.#droppedBlocks++;
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
      this.#restart(String(cause));
    } finally {
      data.close();
    }
  }

  #take(chunk: EncodedAudioChunk, metadata: EncodedAudioChunkMetadata | undefined): void {
    const { writer } = this.#output ?? {};
    // Encoders repeat the config when they like; one of Opus always decodes like the other.
    this.#decoderConfig = metadata?.decoderConfig ?? this.#decoderConfig;
    if (!writer || !this.#decoderConfig) return;
    const durationUs = chunk.duration ?? PCM_BLOCK_MS * 1_000;
    if (this.#wantsSegment) {
      this.#wantsSegment = false;
      this.#segmentStartUs = chunk.timestamp;
      this.#lastTimestampUs = Number.NEGATIVE_INFINITY;
      writer.begin({
        codec: "opus",
        startedAt: this.#clock.now(),
        encoder: { name: this.name, reason: this.#options.reason },
        sampleRate: this.#decoderConfig.sampleRate,
        channels: this.#decoderConfig.numberOfChannels,
      });
    }
    // WebKitGTK stamps every packet with the block that it came from, so two may carry the same time.
    const timestampUs = Math.max(
      chunk.timestamp - this.#segmentStartUs,
      this.#lastTimestampUs + durationUs / 2,
    );
    this.#lastTimestampUs = timestampUs;
    const capturedFrom = this.#captureClock.capturedAt(chunk.timestamp / 1e3);
    writer.write({
      chunk,
      timestampUs,
      decoderConfig: this.#decoderConfig,
      capturedFrom,
      capturedTo: capturedFrom + durationUs / 1e3,
    });
  }

  #restart(detail: string): void {
    if (!this.#output?.mayRestart(detail)) return;
    this.#wantsSegment = true;
    this.#openEncoder();
  }
}
