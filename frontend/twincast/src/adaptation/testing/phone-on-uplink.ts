/**
 * A phone whose two streams share one uplink, in virtual time: real senders and real adaptation between encoders that
 * behave as badly as real ones and two backends.
 */
import type { StreamKind } from "../../model/stream";
import { FakeClock } from "../../testing/fake-clock";
import { DEFAULT_LIMITS, type SegmentReason, StreamSender } from "../../transport";
import { FakeBackend } from "../../transport/testing/fake-backend";
import { FakeNetwork, type SharedUplink } from "../../transport/testing/fake-network";
import { AudioAdaptation } from "../audio-adaptation";
import { type PictureRate, VideoAdaptation, type WantedPicture } from "../video-adaptation";

const CHUNK_MS = 100;

export interface PhoneOptions {
  readonly bytesPerSecond: number;
  readonly roundTripMs: number;
  readonly wanted: WantedPicture;
  readonly audioBitsPerSecond: number;
  /** What the scene needs at most, however much the encoder may use: a still picture needs little. */
  readonly sceneBitsPerSecond?: number;
  readonly seed?: number;
  /** False: nothing follows the path, for comparison. */
  readonly adapts?: boolean;
}

/** What is known of one stream at the end of a simulation. */
export interface StreamRecord {
  readonly sender: StreamSender;
  readonly backend: FakeBackend;
  readonly network: FakeNetwork;
  /** When media was given up, s since the start. */
  readonly gapsAtS: number[];
  readonly segments: SegmentReason[];
}

export interface Moment {
  readonly atS: number;
  readonly video: PictureRate;
  readonly audioBitsPerSecond: number;
  readonly videoBehindMs: number;
  readonly audioBehindMs: number;
}

export class PhoneOnUplink {
  readonly time = new FakeClock();
  readonly uplink: SharedUplink;
  readonly video: StreamRecord;
  readonly audio: StreamRecord;
  readonly adaptation: VideoAdaptation;
  /** One a second. */
  readonly moments: Moment[] = [];
  sizeChanges = 0;
  readonly #options: PhoneOptions;
  readonly #audioAdaptation: AudioAdaptation;
  readonly #startedAt: number;
  #random: () => number;
  #wantsSegment = { video: true, audio: true };
  #width = 0;
  #lastFrameAt = Number.NEGATIVE_INFINITY;
  #lastKeyAt = Number.NEGATIVE_INFINITY;
  /** What the encoder's rate control owes for frames that were too large. */
  #debtBytes = 0;

  constructor(options: PhoneOptions) {
    this.#options = options;
    this.#startedAt = this.time.now();
    this.uplink = { bytesPerSecond: options.bytesPerSecond, freeAt: 0 };
    this.#random = seeded(options.seed ?? 1);
    this.adaptation = new VideoAdaptation(options.wanted);
    this.#audioAdaptation = new AudioAdaptation({ bitsPerSecond: options.audioBitsPerSecond });
    this.video = this.#stream("video");
    this.audio = this.#stream("audio");
  }

  get nowS(): number {
    return (this.time.now() - this.#startedAt) / 1_000;
  }

  record(seconds: number): void {
    for (let ms = 0; ms < seconds * 1_000; ms += CHUNK_MS) {
      this.time.advanceSync(CHUNK_MS);
      this.#encodeVideo();
      this.#encodeAudio();
      if (Math.round(this.nowS * 10) % 10 === 0) this.#observe();
    }
  }

  #observe(): void {
    this.moments.push({
      atS: Math.round(this.nowS),
      video: this.adaptation.rate,
      audioBitsPerSecond: this.#audioAdaptation.rate.bitsPerSecond,
      videoBehindMs: this.video.sender.status.behindMs,
      audioBehindMs: this.audio.sender.status.behindMs,
    });
  }

  #stream(kind: StreamKind): StreamRecord {
    const { time } = this;
    const backend = new FakeBackend(time.now);
    const network = new FakeNetwork(time, backend, this.uplink);
    network.latencyMs = this.#options.roundTripMs / 2;
    const gapsAtS: number[] = [];
    const segments: SegmentReason[] = [];
    const sender = new StreamSender({
      url: `wss://backend.test/ws/${kind}`,
      session: "3f2b8c1e-9d4a-4c6f-8e21-5a7b90c1d2e3",
      openSocket: network.openSocket,
      clock: time,
      random: this.#random,
      limits: DEFAULT_LIMITS[kind],
      onSegmentWanted: (reason) => {
        segments.push(reason);
        if (reason === "gap") gapsAtS.push(this.nowS);
        this.#wantsSegment[kind] = true;
      },
      onGap: () => {},
      onStatus: ({ path }) => {
        if (this.#options.adapts === false) return;
        if (kind === "video") this.adaptation.follow(path, time.now());
        else this.#audioAdaptation.follow(path, time.now());
      },
    });
    sender.start();
    return { sender, backend, network, gapsAtS, segments };
  }

  /**
   * One chunk of what an encoder gives: frames about as large as they should be, key frames that weigh several times as
   * much, and half as much again as it was asked for where it is asked for little.
   */
  #encodeVideo(): void {
    const { rate } = this.adaptation;
    const now = this.time.now();
    const { width, height } = rate.maxSize;
    if (width !== this.#width) {
      this.#wantsSegment.video = true;
      this.sizeChanges++;
      this.#width = width;
    }
    const intervalMs = 1_000 / rate.framesPerSecond;
    let bytes = 0;
    let keyFrame = false;
    while (this.#lastFrameAt + intervalMs <= now) {
      this.#lastFrameAt = Math.max(this.#lastFrameAt + intervalMs, now - CHUNK_MS);
      const bitsPerSecond = Math.min(
        rate.bitsPerSecond,
        this.#options.sceneBitsPerSecond ?? Number.MAX_VALUE,
      );
      const overshoot = bitsPerSecond < 100_000 ? 1.5 : bitsPerSecond < 200_000 ? 1.2 : 1;
      const budget = ((bitsPerSecond * overshoot) / 8 / rate.framesPerSecond) * (0.6 + 0.8 * this.#random());
      if (this.#wantsSegment.video || now - this.#lastKeyAt >= rate.keyFrameEveryMs) {
        keyFrame = true;
        this.#lastKeyAt = now;
        this.#begin("video", 500);
        const pixels = width * height;
        const size = Math.min(pixels * 0.12, Math.max(4 * budget, pixels * 0.025));
        this.#debtBytes += size - budget;
        bytes += size;
      } else {
        // An encoder makes up for a key frame with the frames that follow, as far as they can be smaller.
        const size = Math.max(60 + width * height * 0.0005, budget - this.#debtBytes);
        this.#debtBytes = Math.max(0, this.#debtBytes - (budget - size));
        bytes += size;
      }
    }
    if (bytes === 0) return;
    const payload = new Uint8Array(Math.round(bytes));
    this.video.sender.push({ payload, capturedFrom: now - CHUNK_MS, capturedTo: now, keyFrame });
  }

  #encodeAudio(): void {
    const now = this.time.now();
    this.#begin("audio", 200);
    const bytes = (this.#audioAdaptation.rate.bitsPerSecond / 8 / 10) * (0.95 + 0.1 * this.#random()) + 40;
    const payload = new Uint8Array(Math.round(bytes));
    this.audio.sender.push({ payload, capturedFrom: now - CHUNK_MS, capturedTo: now, keyFrame: true });
  }

  #begin(kind: StreamKind, headerBytes: number): void {
    if (!this.#wantsSegment[kind]) return;
    this.#wantsSegment[kind] = false;
    const { sender } = this[kind];
    const now = this.time.now();
    sender.closeSegment();
    sender.openSegment({ mimeType: `${kind}/webm`, startedAt: now });
    const payload = new Uint8Array(headerBytes);
    sender.push({ payload, capturedFrom: now - CHUNK_MS, capturedTo: now - CHUNK_MS, keyFrame: false });
  }
}

/** mulberry32 */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
