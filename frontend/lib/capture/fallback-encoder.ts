import { EncoderError, type EncoderStats, type StreamEncoder } from "./encode/encoder";
import type { ChunkSink, EncoderName, StreamKind } from "./types";

export interface FallbackOptions {
  /** @param onFailure what the encoder is to call when it breaks after it had begun. */
  readonly first: (onFailure: (error: EncoderError) => void) => StreamEncoder<MediaStreamTrack>;
  /** @param why a sentence on the first's failure, which is sent with every segment of the second. */
  readonly second: (why: string, onFailure: (error: EncoderError) => void) => StreamEncoder<MediaStreamTrack>;
  /** Both are broken. */
  readonly onFailure: (error: EncoderError) => void;
}

/** Encodes with the first encoder for as long as it gives bytes, and with the second after that. */
export class FallbackEncoder implements StreamEncoder<MediaStreamTrack> {
  readonly kind: StreamKind;
  readonly #options: FallbackOptions;
  #current: StreamEncoder<MediaStreamTrack>;
  #given: { track: MediaStreamTrack; sink: ChunkSink } | undefined;
  #isSecond = false;
  #isStopped = false;

  constructor(options: FallbackOptions) {
    this.#options = options;
    this.#current = options.first((error) => void this.#fallBack(error).catch(options.onFailure));
    this.kind = this.#current.kind;
  }

  get name(): EncoderName {
    return this.#current.name;
  }

  async start(track: MediaStreamTrack, sink: ChunkSink): Promise<void> {
    this.#given = { track, sink };
    try {
      await this.#current.start(track, sink);
    } catch (error) {
      if (!(error instanceof EncoderError) || this.#isStopped) throw error;
      await this.#fallBack(error);
    }
  }

  newSegment(track?: MediaStreamTrack): void {
    if (track && this.#given) this.#given.track = track;
    this.#current.newSegment(track);
  }

  setBitrate(bitsPerSecond: number): "applied" | "needs-segment" {
    return this.#current.setBitrate(bitsPerSecond);
  }

  stop(): Promise<void> {
    this.#isStopped = true;
    return this.#current.stop();
  }

  stats(): EncoderStats {
    return this.#current.stats();
  }

  async #fallBack(error: EncoderError): Promise<void> {
    if (this.#isSecond || this.#isStopped || !this.#given) throw error;
    this.#isSecond = true;
    this.#current = this.#options.second(`${error.message} (${error.detail})`, this.#options.onFailure);
    await this.#current.start(this.#given.track, this.#given.sink);
  }
}
