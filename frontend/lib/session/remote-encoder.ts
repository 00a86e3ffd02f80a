/**
 * The page's hand on an encoder that runs beside its sender: opens the way for frames or samples, and asks for
 * segments and rates. Its chunks never come to the page, so the sink that it is given stays unused.
 */

import type { PcmInput } from "../capture/audio/pcm-input";
import { openPcmSource } from "../capture/audio/pcm-source";
import type { AudioInput } from "../capture/devices/audio-input";
import type { Cadence } from "../capture/encode/batcher";
import {
  EncoderError,
  type EncoderErrorCode,
  type EncoderStats,
  type StreamEncoder,
} from "../capture/encode/encoder";
import { trackDetails } from "../capture/segment-details";
import type { Size, StreamKind } from "../capture/types";
import type { VideoCodecChoice } from "../capture/video/encoder";
import { openFrameSource } from "../capture/video/frame-source";
import type { EncodeCommand, EncodeEvent } from "./encoder-host";

export type RemoteChoice =
  | {
      readonly stream: "video";
      readonly choice: VideoCodecChoice;
      readonly maxSize: Size;
      readonly frameRate: number;
      readonly hasTrackProcessor: boolean;
    }
  | { readonly stream: "audio"; readonly input: AudioInput };

export interface RemoteEncoderOptions {
  readonly use: RemoteChoice;
  readonly bitsPerSecond: number;
  readonly cadence: Cadence;
  readonly reason: string;
  readonly send: (command: EncodeCommand) => void;
  readonly onFailure: (error: EncoderError) => void;
}

type Run =
  | { readonly kind: "idle" }
  | { readonly kind: "starting"; resolve(): void; reject(error: EncoderError): void }
  | { readonly kind: "running" }
  | { readonly kind: "stopping"; resolve(): void }
  | { readonly kind: "over" };

const NOTHING: EncoderStats = {
  segments: 0,
  chunks: 0,
  bytes: 0,
  droppedFrames: 0,
  emptyChunks: 0,
  lostChunks: 0,
};

export class RemoteEncoder implements StreamEncoder<MediaStreamTrack> {
  readonly name = "webcodecs";
  readonly kind: StreamKind;
  readonly #options: RemoteEncoderOptions;
  #run: Run = { kind: "idle" };
  #source: { close(): void } | null = null;
  #soundBy: PcmInput["by"] | null = null;
  #stats = NOTHING;

  constructor(options: RemoteEncoderOptions) {
    this.#options = options;
    this.kind = options.use.stream;
  }

  start(track: MediaStreamTrack): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#run = { kind: "starting", resolve, reject };
      this.#open(track, true);
    });
  }

  newSegment(track?: MediaStreamTrack): void {
    if (track) this.#open(track, false);
    else this.#options.send({ kind: "encode-segment" });
  }

  setBitrate(bitsPerSecond: number): "applied" {
    this.#options.send({ kind: "encode-rate", bitsPerSecond });
    return "applied";
  }

  async stop(): Promise<void> {
    const run = this.#run;
    if (run.kind === "over" || run.kind === "idle") return;
    if (run.kind === "starting") run.resolve();
    await new Promise<void>((resolve) => {
      this.#run = { kind: "stopping", resolve };
      this.#options.send({ kind: "encode-stop" });
    });
  }

  stats(): EncoderStats {
    return this.#stats;
  }

  /** What the encoder's side says. */
  hear(event: EncodeEvent): void {
    const run = this.#run;
    switch (event.kind) {
      case "probed":
        break;
      case "encoding":
        if (run.kind !== "starting") break;
        this.#run = { kind: "running" };
        run.resolve();
        break;
      case "encode-failed":
        this.#fail(event.code, event.detail);
        break;
      case "encode-stopped":
        this.#stats = event.stats;
        this.#close();
        if (run.kind === "stopping") run.resolve();
        break;
    }
  }

  #fail(code: EncoderErrorCode, detail: string): void {
    const run = this.#run;
    this.#close();
    const error = new EncoderError(this.kind, code, detail);
    switch (run.kind) {
      case "starting":
        run.reject(error);
        break;
      case "running":
        this.#options.onFailure(error);
        break;
      case "stopping":
        run.resolve();
        break;
      case "idle":
      case "over":
        break;
    }
  }

  #close(): void {
    this.#source?.close();
    this.#source = null;
    this.#run = { kind: "over" };
  }

  #open(track: MediaStreamTrack, first: boolean): void {
    const { use, send, bitsPerSecond, cadence, reason } = this.#options;
    const before = this.#source;
    if (use.stream === "video") {
      const { stream, choice, maxSize, frameRate, hasTrackProcessor } = use;
      this.#source = openFrameSource(track, {
        details: trackDetails(track),
        encoderHasTrackProcessor: hasTrackProcessor,
        post: (input) =>
          send(
            first
              ? {
                  kind: "encode",
                  plan: { stream, choice, maxSize, frameRate, bitsPerSecond, cadence, reason, input },
                }
              : { kind: "encode-segment", input },
          ),
      });
      before?.close();
      return;
    }
    // By a worklet, the samples of a microphone that is taken again come through the same source: `AudioInput.setTrack`.
    if (!first && this.#soundBy !== "track") {
      send({ kind: "encode-segment" });
      return;
    }
    openPcmSource(use.input, track, {
      post: (input) => {
        this.#soundBy = input.by;
        send(
          first
            ? { kind: "encode", plan: { stream: "audio", bitsPerSecond, cadence, reason, input } }
            : { kind: "encode-segment", input },
        );
      },
    }).then(
      (source) => {
        if (this.#run.kind === "over") source.close();
        else this.#source = source;
      },
      (cause: unknown) => this.#fail("unsupported", `no AudioWorklet: ${cause}`),
    );
  }
}
