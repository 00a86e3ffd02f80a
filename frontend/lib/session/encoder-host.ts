/**
 * Runs one stream's WebCodecs encoder beside its sender, so that frames, encoder, muxer and socket share a worker and
 * the page has no part in a chunk's way. Loaded only when a probe is asked for.
 */

import { WebCodecsAudioEncoder } from "../capture/audio/encoder";
import type { PcmInput } from "../capture/audio/pcm-input";
import type { Cadence } from "../capture/encode/batcher";
import { EncoderError, type EncoderErrorCode, type EncoderStats } from "../capture/encode/encoder";
import { type ProbedAudio, type ProbedVideo, probeAudio, probeVideo, type VideoWish } from "../capture/probe";
import { trackProcessor } from "../capture/track-processor";
import type { ChunkSink, Size } from "../capture/types";
import { fullRate, nextRate, type RateState, type VideoRate } from "../capture/video/bitrate-policy";
import { type VideoCodecChoice, WebCodecsVideoEncoder } from "../capture/video/encoder";
import type { FrameDetails, FrameInput } from "../capture/video/frame-input";
import { systemClock } from "../clock";

export type ProbeWish =
  | ({ readonly stream: "video" } & VideoWish)
  | { readonly stream: "audio"; readonly sampleRate: number; readonly bitsPerSecond: number };

interface CommonPlan {
  readonly bitsPerSecond: number;
  readonly cadence: Cadence;
  /** Why this encoder was chosen; sent with every segment. */
  readonly reason: string;
}
export type EncodePlan =
  | (CommonPlan & {
      readonly stream: "video";
      readonly choice: VideoCodecChoice;
      readonly maxSize: Size;
      readonly frameRate: number;
      readonly input: FrameInput;
    })
  | (CommonPlan & { readonly stream: "audio"; readonly input: PcmInput });

export type EncodeCommand =
  | { readonly kind: "probe"; readonly wish: ProbeWish }
  | { readonly kind: "encode"; readonly plan: EncodePlan }
  /** A new segment, from another input where there is one. */
  | { readonly kind: "encode-segment"; readonly input?: FrameInput | PcmInput }
  | { readonly kind: "encode-details"; readonly details: FrameDetails }
  | { readonly kind: "encode-rate"; readonly bitsPerSecond: number; readonly frameRate?: number }
  | { readonly kind: "encode-stop" };

export type EncodeEvent =
  | {
      readonly kind: "probed";
      readonly result: ProbedVideo | ProbedAudio;
      /** Whether tracks can be read where this runs. */
      readonly hasTrackProcessor: boolean;
    }
  /** The first bytes are on their way. */
  | { readonly kind: "encoding" }
  | { readonly kind: "encode-failed"; readonly code: EncoderErrorCode; readonly detail: string }
  | { readonly kind: "encode-stopped"; readonly stats: EncoderStats };

type Encoder =
  | { readonly stream: "video"; readonly run: WebCodecsVideoEncoder }
  | { readonly stream: "audio"; readonly run: WebCodecsAudioEncoder };

export class EncoderHost {
  readonly #sink: ChunkSink;
  readonly #emit: (event: EncodeEvent) => void;
  #encoder: Encoder | null = null;
  #rate: { readonly wanted: VideoRate; state: RateState } | null = null;

  constructor(sink: ChunkSink, emit: (event: EncodeEvent) => void) {
    this.#sink = sink;
    this.#emit = emit;
  }

  /** Counts of the running encoder, or null. */
  get stats(): EncoderStats | null {
    return this.#encoder?.run.stats() ?? null;
  }

  async handle(command: EncodeCommand): Promise<void> {
    switch (command.kind) {
      case "probe": {
        const { wish } = command;
        const result =
          wish.stream === "video"
            ? await probeVideo(wish)
            : await probeAudio(wish.sampleRate, wish.bitsPerSecond);
        this.#emit({ kind: "probed", result, hasTrackProcessor: trackProcessor() !== undefined });
        break;
      }
      case "encode":
        await this.#start(command.plan);
        break;
      case "encode-segment":
        this.newSegment(command.input);
        break;
      case "encode-details":
        if (this.#encoder?.stream === "video") this.#encoder.run.setDetails(command.details);
        break;
      case "encode-rate":
        this.#encoder?.run.setBitrate(command.bitsPerSecond);
        if (this.#encoder?.stream === "video" && command.frameRate !== undefined) {
          this.#encoder.run.setFrameRate(command.frameRate);
        }
        break;
      case "encode-stop": {
        const encoder = this.#encoder;
        this.#encoder = null;
        if (!encoder) break;
        await encoder.run.stop();
        this.#emit({ kind: "encode-stopped", stats: encoder.run.stats() });
        break;
      }
    }
  }

  /** Fits the picture's rate to the path. @param outboxAgeMs how long the oldest unacknowledged chunk has waited. */
  followPath(outboxAgeMs: number, now: number): void {
    if (this.#encoder?.stream !== "video" || !this.#rate) return;
    const state = nextRate(this.#rate.state, this.#rate.wanted, outboxAgeMs, now);
    if (state === this.#rate.state) return;
    this.#rate.state = state;
    this.#encoder.run.setBitrate(state.rate.bitsPerSecond);
    this.#encoder.run.setFrameRate(state.rate.framesPerSecond);
  }

  newSegment(input?: FrameInput | PcmInput): void {
    const encoder = this.#encoder;
    if (encoder?.stream === "video") encoder.run.newSegment(input && "from" in input ? input : undefined);
    if (encoder?.stream === "audio") encoder.run.newSegment(input && "by" in input ? input : undefined);
  }

  async #start(plan: EncodePlan): Promise<void> {
    const onFailure = (error: EncoderError) => this.#fail(error);
    try {
      if (plan.stream === "video") {
        const { input, stream, ...options } = plan;
        const run = new WebCodecsVideoEncoder({ ...options, onFailure });
        this.#encoder = { stream, run };
        const wanted = { bitsPerSecond: plan.bitsPerSecond, framesPerSecond: plan.frameRate };
        this.#rate = { wanted, state: fullRate(wanted, systemClock.now()) };
        await run.start(input, this.#sink);
      } else {
        const { input, stream, ...options } = plan;
        const run = new WebCodecsAudioEncoder({ ...options, onFailure });
        this.#encoder = { stream, run };
        await run.start(input, this.#sink);
      }
      this.#emit({ kind: "encoding" });
    } catch (error) {
      if (!(error instanceof EncoderError)) throw error;
      this.#fail(error);
    }
  }

  #fail(error: EncoderError): void {
    this.#encoder = null;
    this.#emit({ kind: "encode-failed", code: error.code, detail: error.detail });
  }
}
