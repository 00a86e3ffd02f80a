/**
 * One stream on the page: its way through a worker to the backend, and the figures that the screens show of it. It
 * knows nothing of the other stream.
 */

import { NO_REDUCTION } from "../adaptation";
import type { AudioInput } from "../capture/devices";
import type { EncoderError } from "../capture/encode";
import type { FrameDetails } from "../capture/video";
import type { SegmentInfo } from "../model/media";
import type { Quality, StorageState, StreamKind, StreamStatus } from "../model/stream";
import type { NetworkEvent, SenderStatus } from "../transport";
import {
  type EncoderSettings,
  type SendOptions,
  type StreamEvent,
  StreamProxy,
  type WorkerEnvironment,
} from "../worker";
import type { Stream } from "./api";
import type { Missing, SessionEvent } from "./events";
import { Series } from "./series";
import { Store } from "./store";
import { streamQuality, streamStatus } from "./stream-status";

export type { SegmentInfo } from "../model/media";

const NOTHING_MISSING: Missing = { gaps: 0, ms: 0 };

export interface StreamSessionOptions {
  readonly kind: StreamKind;
  readonly workers: WorkerEnvironment;
  readonly now: () => number;
  readonly onEvent: (event: SessionEvent) => void;
  /** The backend takes the token no more: `setToken` lets the stream go on. */
  readonly onTokenWanted: () => void;
  /** The encoder is there, and reads the device from now on. */
  readonly onEncoding: () => void;
  /** The encoder gave something since the last call. @param capturedTo when the newest of it was captured. */
  readonly onMedia: (capturedTo: number) => void;
}

export class StreamSession implements Stream {
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
  /** Recorded and not acknowledged. */
  readonly keptBytes = new Store(0);
  readonly keptMs = new Store(0);
  readonly acknowledgedBytes = new Store(0);
  readonly roundTripMs = new Store<number | null>(null);
  readonly chunks = new Store(0);
  /** Where what is kept lies; null before a session. */
  readonly storage = new Store<StorageState | null>(null);
  readonly gaps = new Store(0);
  /** How many watch it at the backend. */
  readonly viewers = new Store(0);
  /** Frames that the device gave and that were not encoded, because this device could not keep up. */
  readonly droppedFrames = new Store(0);

  readonly #options: StreamSessionOptions;
  #prepared: { readonly settings: EncoderSettings; readonly sound: AudioInput | null } | null = null;
  #producedTo: number | null = null;
  /** How often it was told that the picture became smaller. */
  #episode = 0;
  #isConnected = false;
  /** When the backend last said what it has. */
  #acknowledgedAt = 0;
  #missing: Missing = NOTHING_MISSING;
  /** Why encoding ended, while what was recorded is still on its way. */
  #broken: EncoderError | null = null;
  #proxy: StreamProxy | null = null;

  constructor(options: StreamSessionOptions) {
    this.#options = options;
    this.kind = options.kind;
  }

  /**
   * Opens the worker and chooses the encoder, while the person still looks at the preview: a probe takes a moment, and
   * Start should not.
   */
  prepare(settings: EncoderSettings, sound: AudioInput | null): void {
    this.reset();
    this.#prepared = { settings, sound };
    this.#openProxy();
  }

  /** Begins a session's stream. Resolves when its first bytes were encoded; rejects with an `EncoderError`. */
  async start(track: MediaStreamTrack, send: SendOptions): Promise<void> {
    // The last try came to nothing; this one begins anew.
    if (!this.#proxy || this.#proxy.isOver) this.#openProxy();
    this.status.set({ kind: "connecting", attempt: 0 });
    await this.#proxy?.start(track, send);
  }

  setMuted(muted: boolean): void {
    this.#proxy?.setMuted(muted);
  }

  setToken(token: string | undefined): void {
    this.#proxy?.setToken(token);
  }

  network(event: NetworkEvent): void {
    this.#proxy?.network(event);
  }

  /** Another camera or microphone: what it gives belongs to a new segment. */
  replaceTrack(track: MediaStreamTrack): void {
    this.#proxy?.replaceTrack(track);
  }

  /** Lets go of the device, before another one is opened. */
  async releaseTrack(): Promise<void> {
    await this.#proxy?.releaseTrack();
  }

  /** The picture was turned or changed its size: no segment holds two sizes. */
  setPicture(details: FrameDetails): void {
    this.#proxy?.setPicture(details);
  }

  /** Records nothing any more, and delivers what is kept; `status` says when the backend has verified it. */
  async finish(): Promise<void> {
    await this.#proxy?.finish();
  }

  /** Gives up what is kept. */
  discard(): void {
    this.#proxy?.discard();
  }

  reset(): void {
    this.#proxy?.dispose();
    this.#proxy = null;
    this.#prepared = null;
    this.#producedTo = null;
    this.#episode = 0;
    this.#missing = NOTHING_MISSING;
    this.#isConnected = false;
    this.#broken = null;
    this.segment.set(null);
    this.quality.set(null);
    this.status.set({ kind: "idle" });
    for (const figure of [
      this.keptBytes,
      this.keptMs,
      this.acknowledgedBytes,
      this.chunks,
      this.gaps,
      this.viewers,
      this.droppedFrames,
    ]) {
      figure.set(0);
    }
    this.rateKBps.set(0, this.#options.now());
    this.delayMs.set(null, this.#options.now());
    this.delayP95Ms.set(null);
    this.roundTripMs.set(null);
    this.storage.set(null);
  }

  markAbsent(): void {
    this.reset();
    this.status.set({ kind: "absent" });
  }

  #openProxy(): void {
    if (!this.#prepared) throw new Error("The stream was not prepared.");
    this.#proxy?.dispose();
    this.#broken = null;
    this.#proxy = new StreamProxy({
      ...this.#prepared,
      kind: this.kind,
      environment: this.#options.workers,
      onEvent: (event) => this.#onEvent(event),
    });
  }

  #onEvent(event: StreamEvent): void {
    switch (event.kind) {
      case "report":
        this.#show(event.status, event.reduction);
        this.droppedFrames.set(event.droppedFrames);
        break;
      case "encoding":
        this.#options.onEncoding();
        break;
      case "segment":
        this.segment.set(event.info);
        break;
      case "gap":
        this.#missing = { gaps: this.#missing.gaps + 1, ms: this.#missing.ms + event.gap.ms };
        this.#options.onEvent({ kind: "gap", stream: this.kind, gap: event.gap, missing: this.#missing });
        break;
      case "token-wanted":
        this.#options.onTokenWanted();
        break;
      case "restarting":
        this.#setStatus({ kind: "restarting", attempt: event.attempt });
        this.#showNothing();
        break;
      case "broken":
        this.#broken = event.error;
        this.#setStatus(failed(event.error, this.keptBytes.get(), true));
        break;
      case "failed":
        this.#setStatus(failed(event.error, 0, false));
        this.#showNothing();
        break;
      case "discarded":
        this.#setStatus({ kind: "discarded", leftBytes: event.leftBytes });
        this.#showNothing();
        break;
      case "unused":
        this.#setStatus({ kind: "ended", chunks: 0, bytes: 0, gaps: [], verified: "all" });
        break;
    }
  }

  #show(sender: SenderStatus, reduction = NO_REDUCTION): void {
    const now = this.#options.now();
    if (sender.producedTo !== null && sender.producedTo !== this.#producedTo) {
      this.#options.onMedia(sender.producedTo);
    }
    this.#producedTo = sender.producedTo;
    // A connection begins with what the backend has.
    const isGreeted = sender.delivery.kind === "live" && !this.#isConnected;
    this.#isConnected = sender.delivery.kind === "live";
    if (isGreeted || sender.chunks > this.chunks.get()) this.#acknowledgedAt = now;
    this.chunks.set(sender.chunks);
    this.storage.set(sender.storage);
    this.keptBytes.set(sender.keptBytes);
    this.keptMs.set(sender.keptMs);
    this.acknowledgedBytes.set(sender.bytes);
    const status = this.#statusOf(sender, now - this.#acknowledgedAt);
    this.#setStatus(status);
    this.quality.set(isMeasured(status) ? streamQuality(sender, reduction) : null);
    if (reduction.episode > this.#episode) {
      this.#episode = reduction.episode;
      this.#options.onEvent({ kind: "smaller-picture" });
    }
    this.rateKBps.set(sender.bytesPerSecond / 1_000, now);
    this.delayMs.set(sender.delays?.medianMs ?? null, now);
    this.delayP95Ms.set(sender.delays?.p95Ms ?? null);
    this.roundTripMs.set(sender.rttMs);
    this.gaps.set(sender.gaps.length);
    // Nobody sees what does not arrive.
    this.viewers.set(sender.delivery.kind === "live" ? sender.viewers : 0);
    if (isLastWord(sender.delivery.kind)) this.#showNothing();
  }

  /** A stream whose encoder broke stays so; until everything is delivered it is not over. */
  #statusOf(sender: SenderStatus, sinceAckMs: number): StreamStatus {
    const status = streamStatus(sender, sinceAckMs);
    if (!this.#broken || status.kind === "discarded" || status.kind === "failed") return status;
    return failed(this.#broken, sender.keptBytes, status.kind !== "ended");
  }

  /** Nothing is on its way any more. */
  #showNothing(): void {
    const now = this.#options.now();
    this.quality.set(null);
    this.rateKBps.set(0, now);
    this.delayMs.set(null, now);
    this.delayP95Ms.set(null);
    this.roundTripMs.set(null);
    this.keptBytes.set(0);
    this.keptMs.set(0);
    this.viewers.set(0);
  }

  #setStatus(status: StreamStatus): void {
    const before = this.status.get();
    // First: the status may end the session, and what was told of it with it.
    if (before.kind !== status.kind)
      this.#options.onEvent({ kind: "stream-changed", stream: this.kind, before, after: status });
    this.status.set(status);
  }
}

function isLastWord(delivery: SenderStatus["delivery"]["kind"]): boolean {
  return delivery === "failed" || delivery === "ended" || delivery === "abandoned";
}

/** Whether figures of a path stand behind the status: nothing is called excellent before anything arrived. */
function isMeasured(status: StreamStatus): boolean {
  return status.kind !== "connecting" && status.kind !== "no-media";
}

function failed({ code, message }: EncoderError, leftBytes: number, isDelivering: boolean): StreamStatus {
  return { kind: "failed", code, message, ...(isDelivering && { leftBytes }) };
}
