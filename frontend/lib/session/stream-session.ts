/**
 * One stream on the page: its encoder, its link to the backend, and the figures that the screens show of it. It knows
 * nothing of the other stream.
 */
import { EncoderError, type StreamEncoder } from "../capture/encoder";
import type { ChunkSink, SegmentInfo, StreamKind } from "../capture/types";
import type { NetworkEvent } from "../transport/connection";
import type { SenderStatus } from "../transport/stream-sender";
import { gapNews, type News, statusNews } from "./news";
import { Series } from "./series";
import { Store } from "./store";
import type { HostEvent, SendOptions } from "./stream-host";
import type { CreateLink, StreamLink } from "./stream-link";
import { type Quality, type StreamStatus, streamQuality, streamStatus } from "./stream-status";

/** @param onFailure encoding ended after it had begun, and nothing else can be tried. */
export type CreateEncoder = (
  kind: StreamKind,
  onFailure: (error: EncoderError) => void,
) => StreamEncoder<MediaStreamTrack>;

export interface StreamSessionOptions {
  readonly kind: StreamKind;
  readonly createLink: CreateLink;
  readonly createEncoder: CreateEncoder;
  readonly now: () => number;
  readonly onNews: (news: News) => void;
}

export class StreamSession {
  readonly kind: StreamKind;
  readonly status = new Store<StreamStatus>({ kind: "idle" });
  readonly quality = new Store<Quality | null>(null);
  readonly segment = new Store<SegmentInfo | null>(null);
  /** Acknowledged, kilobytes (1000 bytes) a second. */
  readonly rateKBps = new Series<number>(0);
  /** From capture to the backend's handler: the median of the last chunks, ms. */
  readonly delayMs = new Series<number | null>(null);
  readonly keptBytes = new Store(0);
  readonly roundTripMs = new Store<number | null>(null);
  readonly chunks = new Store(0);
  readonly gaps = new Store(0);

  readonly #options: StreamSessionOptions;
  #link: StreamLink | null = null;
  #encoder: StreamEncoder<MediaStreamTrack> | null = null;

  constructor(options: StreamSessionOptions) {
    this.#options = options;
    this.kind = options.kind;
  }

  /** Begins a session's stream. Resolves when its first bytes were encoded; rejects with an `EncoderError`. */
  async start(track: MediaStreamTrack, send: SendOptions): Promise<void> {
    this.reset();
    this.status.set({ kind: "connecting", attempt: 0 });
    const link = this.#options.createLink((event) => this.#hear(event));
    this.#link = link;
    link.send({ kind: "start", options: send });
    const encoder = this.#options.createEncoder(this.kind, (error) => this.#fail(error));
    this.#encoder = encoder;
    try {
      await encoder.start(track, this.#watched(link.sink));
    } catch (error) {
      if (!(error instanceof EncoderError)) throw error;
      this.#fail(error);
      throw error;
    }
  }

  setMuted(muted: boolean): void {
    this.#link?.send({ kind: "muted", muted });
  }

  network(event: NetworkEvent): void {
    this.#link?.send({ kind: "network", event });
  }

  /** Another camera or microphone: what it gives belongs to a new segment. */
  replaceTrack(track: MediaStreamTrack): void {
    this.#encoder?.newSegment(track);
  }

  /** Flushes the encoder, then delivers what is kept; `status` says when the backend has verified it. */
  async finish(): Promise<void> {
    await this.#encoder?.stop();
    this.#encoder = null;
    this.#link?.send({ kind: "finish" });
  }

  /** Gives up what is kept. */
  discard(): void {
    this.#link?.send({ kind: "abandon" });
  }

  reset(): void {
    this.#link?.dispose();
    this.#link = null;
    this.segment.set(null);
    this.quality.set(null);
    this.status.set({ kind: "idle" });
    for (const figure of [this.keptBytes, this.chunks, this.gaps]) figure.set(0);
    this.rateKBps.set(0, this.#options.now());
    this.delayMs.set(null, this.#options.now());
    this.roundTripMs.set(null);
  }

  markAbsent(): void {
    this.reset();
    this.status.set({ kind: "absent" });
  }

  #fail(error: EncoderError): void {
    this.#link?.send({ kind: "abandon" });
    this.#link?.dispose();
    this.#link = null;
    this.#setStatus({ kind: "failed", code: error.code, message: error.message });
  }

  #watched(sink: ChunkSink): ChunkSink {
    return {
      ...sink,
      segment: (info) => {
        this.segment.set(info);
        sink.segment(info);
      },
    };
  }

  #hear(event: HostEvent): void {
    switch (event.kind) {
      case "status":
        this.#show(event.status);
        break;
      case "gap":
        this.#options.onNews(gapNews(this.kind, event.gap));
        break;
      case "segment-wanted":
        this.#encoder?.newSegment();
        break;
      case "loaded":
        break;
    }
  }

  #show(sender: SenderStatus): void {
    const now = this.#options.now();
    this.#setStatus(streamStatus(sender));
    this.quality.set(streamQuality(sender));
    this.rateKBps.set(sender.bytesPerSecond / 1_000, now);
    this.delayMs.set(sender.delays?.medianMs ?? null, now);
    this.keptBytes.set(sender.keptBytes);
    this.roundTripMs.set(sender.rttMs);
    this.chunks.set(sender.chunks);
    this.gaps.set(sender.gaps.length);
  }

  #setStatus(status: StreamStatus): void {
    const news = statusNews(this.kind, this.status.get(), status);
    this.status.set(status);
    if (news) this.#options.onNews(news);
  }
}
