/**
 * One stream on the page: its encoder, its link to the backend, and the figures that the screens show of it. It knows
 * nothing of the other stream.
 */

import type { Tier } from "../capture/choose";
import type { AudioInput } from "../capture/devices/audio-input";
import type { Preset } from "../capture/devices/presets";
import type { Cadence } from "../capture/encode/batcher";
import { EncoderError, type StreamEncoder } from "../capture/encode/encoder";
import type { ChunkSink, SegmentInfo, StreamKind } from "../capture/types";
import type { FrameDetails } from "../capture/video/frame-input";
import type { NetworkEvent } from "../transport/connection";
import type { SenderStatus } from "../transport/stream-sender";
import type { EncodeCommand, EncodeEvent } from "./encoder-host";
import { gapNews, type News, statusNews } from "./news";
import { RecorderRate } from "./recorder-rate";
import { Series } from "./series";
import { Store } from "./store";
import type { HostEvent, SendOptions } from "./stream-host";
import type { CreateLink, StreamLink } from "./stream-link";
import { type Quality, type StreamStatus, streamQuality, streamStatus } from "./stream-status";

export type { SegmentInfo } from "../capture/types";

export interface EncoderSettings extends Preset {
  readonly tier: Tier;
  readonly cadence: Cadence;
}

/** What an encoder's maker gets from the stream that it is for. */
export interface EncoderSeat {
  readonly kind: StreamKind;
  readonly settings: EncoderSettings;
  /** The microphone inside Web Audio; null for video, and where the browser cannot. */
  readonly input: AudioInput | null;
  /** Reaches the encoder's side, beside the sender. */
  readonly send: (command: EncodeCommand) => void;
  readonly listen: (listener: (event: EncodeEvent) => void) => void;
  /** Encoding ended after it had begun, and nothing else can be tried. */
  readonly onFailure: (error: EncoderError) => void;
}

/** Rejects with an `EncoderError` when the kind cannot be encoded here at all. */
export type CreateEncoder = (seat: EncoderSeat) => Promise<StreamEncoder<MediaStreamTrack>>;

export interface StreamSessionOptions {
  readonly kind: StreamKind;
  readonly createLink: CreateLink;
  readonly createEncoder: CreateEncoder;
  readonly now: () => number;
  readonly onNews: (news: News) => void;
  /** The encoder gave something since the last call. @param capturedTo when the newest of it was captured. */
  readonly onMedia: (capturedTo: number) => void;
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
  /** What 95 of the last 100 chunks stayed below, ms. */
  readonly delayP95Ms = new Store<number | null>(null);
  readonly keptBytes = new Store(0);
  readonly roundTripMs = new Store<number | null>(null);
  readonly chunks = new Store(0);
  readonly gaps = new Store(0);
  /** Frames that the device gave and that were not encoded, because this phone could not keep up. */
  readonly droppedFrames = new Store(0);

  readonly #options: StreamSessionOptions;
  readonly #encodeListeners = new Set<(event: EncodeEvent) => void>();
  #settings: EncoderSettings | null = null;
  #producedTo: number | null = null;
  #recorderRate: RecorderRate | null = null;
  #link: StreamLink | null = null;
  #preparing: Promise<StreamEncoder<MediaStreamTrack>> | null = null;
  #encoder: StreamEncoder<MediaStreamTrack> | null = null;

  constructor(options: StreamSessionOptions) {
    this.#options = options;
    this.kind = options.kind;
  }

  /**
   * Opens the link and chooses the encoder, while the person still looks at the preview: a probe takes a moment, and
   * Start should not.
   */
  prepare(settings: EncoderSettings, input: AudioInput | null): void {
    this.reset();
    this.#settings = settings;
    const link = this.#options.createLink((event) => this.#hear(event));
    this.#link = link;
    this.#preparing = this.#options.createEncoder({
      kind: this.kind,
      settings,
      input,
      send: (command) => link.send(command),
      listen: (listener) => this.#encodeListeners.add(listener),
      onFailure: (error) => this.#fail(error),
    });
    // Whoever starts hears of it.
    this.#preparing.catch(() => {});
  }

  /** Begins a session's stream. Resolves when its first bytes were encoded; rejects with an `EncoderError`. */
  async start(track: MediaStreamTrack, send: SendOptions): Promise<void> {
    const link = this.#link;
    const preparing = this.#preparing;
    if (!link || !preparing) throw new Error("The stream was not prepared.");
    this.status.set({ kind: "connecting", attempt: 0 });
    link.send({ kind: "start", options: send });
    try {
      const encoder = await preparing;
      // Stopped, or begun anew, before there was an encoder.
      if (this.#preparing !== preparing) return;
      this.#encoder = encoder;
      this.#recorderRate =
        this.kind === "video" && this.#settings
          ? new RecorderRate(this.#settings, this.#options.now())
          : null;
      await encoder.start(track, this.#watched(link.sink));
    } catch (cause) {
      // Anything else is code that could not be fetched: the page is older than what is deployed.
      const error =
        cause instanceof EncoderError ? cause : new EncoderError(this.kind, "not-loaded", String(cause));
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

  /** The picture was turned or changed its size: no segment holds two sizes. */
  setPicture(details: FrameDetails): void {
    // An encoder beside the sender sees the frames themselves, and opens its segment when their size changes.
    if (this.#encoder?.name === "webcodecs") this.#link?.send({ kind: "encode-details", details });
    else this.#encoder?.newSegment();
  }

  /** Flushes the encoder, then delivers what is kept; `status` says when the backend has verified it. */
  async finish(): Promise<void> {
    this.#preparing = null;
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
    this.#preparing = null;
    this.#producedTo = null;
    this.#encodeListeners.clear();
    this.segment.set(null);
    this.quality.set(null);
    this.status.set({ kind: "idle" });
    for (const figure of [this.keptBytes, this.chunks, this.gaps, this.droppedFrames]) figure.set(0);
    this.rateKBps.set(0, this.#options.now());
    this.delayMs.set(null, this.#options.now());
    this.delayP95Ms.set(null);
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
        this.droppedFrames.set(event.droppedFrames);
        break;
      case "gap":
        this.#options.onNews(gapNews(this.kind, event.gap));
        break;
      case "segment-wanted":
        // An encoder beside the sender was told there.
        if (this.#encoder?.name === "media-recorder") this.#encoder.newSegment();
        break;
      case "segment":
        this.segment.set(event.info);
        break;
      case "probed":
      case "encoding":
      case "encode-failed":
      case "encode-stopped":
        for (const listener of this.#encodeListeners) listener(event);
        break;
      case "unavailable":
        this.#fail(new EncoderError(this.kind, "not-loaded", event.detail));
        break;
      case "loaded":
        break;
    }
  }

  #show(sender: SenderStatus): void {
    const now = this.#options.now();
    if (sender.producedTo !== null && sender.producedTo !== this.#producedTo) {
      this.#options.onMedia(sender.producedTo);
    }
    this.#producedTo = sender.producedTo;
    if (this.#encoder?.name === "media-recorder") {
      this.#recorderRate?.follow(this.#encoder, sender.behindMs, now);
    }
    this.#setStatus(streamStatus(sender));
    this.quality.set(streamQuality(sender));
    this.rateKBps.set(sender.bytesPerSecond / 1_000, now);
    this.delayMs.set(sender.delays?.medianMs ?? null, now);
    this.delayP95Ms.set(sender.delays?.p95Ms ?? null);
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
