/**
 * Packets to pictures: each is decoded when it is due and drawn as soon as it is decoded. What waits are packets, not
 * pictures, of which some decoders have only a few.
 *
 * Everything that waits is bounded. What is too much is left out up to the next key frame, and told.
 */
import type { Clock } from "../../clock";
import { codecOfAnnexB } from "../container/h264";
import type { Track } from "../container/packets";
import { fromUs, type TimedPacket, toUs } from "./timed-packet";

export interface VideoPlayerOptions {
  readonly clock: Clock;
  readonly dueInMs: (capturedAt: number, at: number) => number;
  readonly createDecoder: (init: VideoDecoderInit) => VideoDecoder;
  /** Draws, and lets go of the frame. */
  readonly draw: (frame: VideoFrame, capturedAt: number) => void;
  /** Packets were left out, captured between these times. */
  readonly onSkipped: (from: number, to: number) => void;
  /** This browser cannot decode it; nothing is drawn until the next track. */
  readonly onFailure: (detail: string) => void;
}

/** Above the 2 s between two key frames at the highest bit-rate. */
const MAX_WAITING_BYTES = 4 * 2 ** 20;
const MAX_WAITING_PACKETS = 240;
/** A decoder with so many packets is slower than the stream. */
const MAX_IN_DECODER = 60;
/** While so many are to be decoded, what comes out is too old to be looked at. */
const HURRYING = 3;
/** A decoder that breaks twice within this time will break again. */
const STABLE_MS = 3_000;

type State =
  | { readonly kind: "no-track" }
  /** Waits for a packet that a decoder can begin with. */
  | { readonly kind: "joining"; readonly track: Track }
  | { readonly kind: "decoding"; readonly track: Track; readonly decoder: VideoDecoder }
  | { readonly kind: "failed" };

export class VideoPlayer {
  readonly #options: VideoPlayerOptions;
  #state: State = { kind: "no-track" };
  #waiting: TimedPacket[] = [];
  #waitingBytes = 0;
  #cancelTimer: () => void = () => {};
  #brokeAt = Number.NEGATIVE_INFINITY;
  #skippedFrom: number | null = null;
  #drawnAt = Number.NEGATIVE_INFINITY;

  constructor(options: VideoPlayerOptions) {
    this.#options = options;
  }

  /** Another segment: what waits of the last one is shown first where it can be. */
  track(track: Track): void {
    this.#drain();
    this.#close();
    this.#state = { kind: "joining", track };
    this.#skippedFrom = null;
  }

  packet(packet: TimedPacket): void {
    if (this.#state.kind === "no-track" || this.#state.kind === "failed") return;
    this.#waiting.push(packet);
    this.#waitingBytes += packet.data.byteLength;
    if (this.#waiting.length > MAX_WAITING_PACKETS || this.#waitingBytes > MAX_WAITING_BYTES) this.#skip();
    this.pump();
  }

  /** The stream goes on at another place. */
  rejoin(): void {
    this.#forget();
    if (this.#state.kind === "decoding") this.#state = this.#rejoined(this.#state);
  }

  /** Decodes what is due. */
  pump(): void {
    this.#cancelTimer();
    const { clock, dueInMs } = this.#options;
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      const dueMs = dueInMs(next.capturedAt, clock.now());
      if (dueMs > 0) {
        this.#cancelTimer = clock.after(dueMs, () => this.pump());
        return;
      }
      this.#take();
      this.#decode(next);
    }
  }

  /** Nothing is decoded any more; a track begins anew. */
  close(): void {
    this.#forget();
    this.#close();
    this.#state = { kind: "no-track" };
  }

  #take(): void {
    const packet = this.#waiting.shift();
    this.#waitingBytes -= packet?.data.byteLength ?? 0;
  }

  #drain(): void {
    while (this.#waiting[0]) {
      const [next] = this.#waiting;
      this.#take();
      this.#decode(next);
    }
  }

  #decode(packet: TimedPacket): void {
    if (this.#state.kind === "decoding" && this.#state.decoder.decodeQueueSize > MAX_IN_DECODER) {
      this.#state = this.#rejoined(this.#state);
    }
    if (this.#state.kind === "joining") this.#state = this.#begin(this.#state.track, packet);
    if (this.#state.kind !== "decoding") {
      this.#leaveOut(packet);
      return;
    }
    this.#tellSkipped(packet.capturedAt);
    try {
      this.#state.decoder.decode(
        new EncodedVideoChunk({
          type: packet.isKey ? "key" : "delta",
          timestamp: toUs(packet.capturedAt),
          data: packet.data,
        }),
      );
    } catch (cause) {
      this.#broke(this.#state.decoder, String(cause));
    }
  }

  #begin(track: Track, packet: TimedPacket): State {
    const codec = track.codec ?? codecOfAnnexB(packet.data);
    if (!packet.isKey || codec === null) return { kind: "joining", track };
    try {
      const decoder: VideoDecoder = this.#options.createDecoder({
        output: (frame) => this.#output(decoder, frame),
        error: (error) => this.#broke(decoder, String(error)),
      });
      decoder.configure({
        codec,
        ...(track.description && { description: track.description }),
        optimizeForLatency: true,
      });
      return { kind: "decoding", track, decoder };
    } catch (cause) {
      // Some browsers have none of this kind at all.
      this.#fail(String(cause));
      return { kind: "failed" };
    }
  }

  #output(decoder: VideoDecoder, frame: VideoFrame): void {
    const at = this.#options.clock.now();
    const isHurrying = decoder.decodeQueueSize >= HURRYING && at - this.#drawnAt < 100;
    if (isHurrying) {
      frame.close();
      return;
    }
    this.#drawnAt = at;
    this.#options.draw(frame, fromUs(frame.timestamp));
  }

  #broke(decoder: VideoDecoder, detail: string): void {
    if (this.#state.kind !== "decoding" || this.#state.decoder !== decoder) return;
    const now = this.#options.clock.now();
    const hasJustBroken = now - this.#brokeAt < STABLE_MS;
    this.#brokeAt = now;
    if (hasJustBroken || /NotSupported/.test(detail)) {
      this.#fail(detail);
      return;
    }
    this.#state = this.#rejoined(this.#state);
  }

  #fail(detail: string): void {
    this.#close();
    this.#forget();
    this.#state = { kind: "failed" };
    this.#options.onFailure(detail);
  }

  #rejoined({ track }: { readonly track: Track }): State {
    this.#close();
    return { kind: "joining", track };
  }

  #close(): void {
    if (this.#state.kind !== "decoding") return;
    const { decoder } = this.#state;
    this.#state = { kind: "joining", track: this.#state.track };
    // One that broke is closed already.
    if (decoder.state !== "closed") decoder.close();
  }

  #forget(): void {
    this.#cancelTimer();
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#skippedFrom = null;
  }

  /** Drops what waits before the newest key frame; without one in sight, all of it. */
  #skip(): void {
    const keyAt = this.#waiting.findLastIndex(({ isKey }) => isKey);
    for (const packet of this.#waiting.splice(0, keyAt > 0 ? keyAt : this.#waiting.length))
      this.#leaveOut(packet);
    this.#waitingBytes = this.#waiting.reduce((sum, { data }) => sum + data.byteLength, 0);
    if (this.#state.kind === "decoding") this.#state = this.#rejoined(this.#state);
  }

  #leaveOut(packet: TimedPacket): void {
    this.#skippedFrom ??= packet.capturedAt;
  }

  #tellSkipped(to: number): void {
    const from = this.#skippedFrom;
    this.#skippedFrom = null;
    // What was left out before the first picture is no loss to anybody.
    if (from !== null && this.#drawnAt > Number.NEGATIVE_INFINITY) this.#options.onSkipped(from, to);
  }
}
