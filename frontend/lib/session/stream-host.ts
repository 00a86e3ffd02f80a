/**
 * Runs one stream's sender, and its WebCodecs encoder where one was chosen, wherever they live: in the stream's own
 * worker, or on the page where workers cannot be had. Commands and events are plain data, so that a port can carry them.
 */

import type { ChunkSink, EncodedChunk, SegmentInfo } from "../capture/types";
import { systemClock } from "../clock";
import type { Gap } from "../protocol/messages";
import type { NetworkEvent } from "../transport/connection";
import type { StreamLimits } from "../transport/limits";
import { openBrowserSocket } from "../transport/socket";
import { type SegmentReason, type SenderStatus, StreamSender } from "../transport/stream-sender";
import type { EncodeCommand, EncodeEvent, EncoderHost } from "./encoder-host";

export interface SendOptions {
  readonly url: string;
  readonly session: string;
  readonly token?: string;
  readonly userAgent: string;
  readonly limits: StreamLimits;
}

export type HostCommand =
  | EncodeCommand
  | { readonly kind: "start"; readonly options: SendOptions }
  | { readonly kind: "segment"; readonly info: SegmentInfo }
  | { readonly kind: "chunk"; readonly chunk: EncodedChunk }
  | { readonly kind: "segment-end" }
  | { readonly kind: "muted"; readonly muted: boolean }
  | { readonly kind: "network"; readonly event: NetworkEvent }
  | { readonly kind: "finish" }
  | { readonly kind: "abandon" };

export type HostEvent =
  | EncodeEvent
  /** The host runs; sent once, by workers. */
  | { readonly kind: "loaded" }
  /** There is no host, neither in a worker nor on the page. */
  | { readonly kind: "unavailable"; readonly detail: string }
  | { readonly kind: "status"; readonly status: SenderStatus; readonly droppedFrames: number }
  /** A segment began in an encoder that runs here. */
  | { readonly kind: "segment"; readonly info: SegmentInfo }
  | { readonly kind: "gap"; readonly gap: Gap }
  | { readonly kind: "segment-wanted"; readonly reason: SegmentReason };

export class StreamHost {
  readonly #emit: (event: HostEvent) => void;
  #sender: StreamSender | null = null;
  #encoder: EncoderHost | null = null;
  #encoderLoaded: Promise<EncoderHost> | null = null;

  constructor(emit: (event: HostEvent) => void) {
    this.#emit = emit;
  }

  handle(command: HostCommand): void {
    switch (command.kind) {
      case "start":
        this.#sender = this.#createSender(command.options);
        this.#sender.start();
        break;
      case "segment":
        this.#sender?.openSegment(command.info);
        break;
      case "chunk":
        this.#sender?.push(command.chunk);
        break;
      case "segment-end":
        this.#sender?.closeSegment();
        break;
      case "muted":
        this.#sender?.setMuted(command.muted);
        break;
      case "network":
        this.#sender?.network(command.event);
        break;
      case "finish":
        this.#sender?.finish();
        break;
      case "abandon":
        this.#sender?.abandon();
        break;
      case "probe":
      case "encode":
      case "encode-segment":
      case "encode-details":
      case "encode-rate":
      case "encode-stop":
        void this.#loadEncoder().then((encoder) => encoder.handle(command));
        break;
    }
  }

  /** Its code is only fetched by pages that try it; what is sent to it meanwhile waits, in order. */
  #loadEncoder(): Promise<EncoderHost> {
    const sink: ChunkSink = {
      segment: (info) => {
        this.#emit({ kind: "segment", info });
        this.#sender?.openSegment(info);
      },
      chunk: (chunk) => this.#sender?.push(chunk),
      segmentEnd: () => this.#sender?.closeSegment(),
    };
    this.#encoderLoaded ??= import("./encoder-host").then(({ EncoderHost }) => {
      this.#encoder = new EncoderHost(sink, this.#emit);
      return this.#encoder;
    });
    return this.#encoderLoaded;
  }

  #createSender(options: SendOptions): StreamSender {
    return new StreamSender({
      ...options,
      openSocket: openBrowserSocket,
      clock: systemClock,
      random: Math.random,
      onSegmentWanted: (reason) => {
        // Straight to an encoder that runs here: the page may be busy.
        this.#encoder?.newSegment();
        this.#emit({ kind: "segment-wanted", reason });
      },
      onGap: (gap) => this.#emit({ kind: "gap", gap }),
      onStatus: (status) => {
        this.#encoder?.followPath(status.behindMs, systemClock.now());
        this.#emit({ kind: "status", status, droppedFrames: this.#encoder?.stats?.droppedFrames ?? 0 });
      },
    });
  }
}
