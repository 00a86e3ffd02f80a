/**
 * Runs one stream's sender, wherever it lives: in the stream's own worker, or on the page where workers cannot be
 * had. Commands and events are plain data, so that a port can carry them.
 */
import type { EncodedChunk, SegmentInfo } from "../capture/types";
import type { Gap } from "../protocol/messages";
import type { NetworkEvent } from "../transport/connection";
import type { StreamLimits } from "../transport/limits";
import { openBrowserSocket } from "../transport/socket";
import { type SegmentReason, type SenderStatus, StreamSender } from "../transport/stream-sender";

export interface SendOptions {
  readonly url: string;
  readonly session: string;
  readonly token?: string;
  readonly userAgent: string;
  readonly limits: StreamLimits;
}

export type HostCommand =
  | { readonly kind: "start"; readonly options: SendOptions }
  | { readonly kind: "segment"; readonly info: SegmentInfo }
  | { readonly kind: "chunk"; readonly chunk: EncodedChunk }
  | { readonly kind: "segment-end" }
  | { readonly kind: "muted"; readonly muted: boolean }
  | { readonly kind: "network"; readonly event: NetworkEvent }
  | { readonly kind: "finish" }
  | { readonly kind: "abandon" };

export type HostEvent =
  /** The host runs; sent once, by workers. */
  | { readonly kind: "loaded" }
  | { readonly kind: "status"; readonly status: SenderStatus }
  | { readonly kind: "gap"; readonly gap: Gap }
  | { readonly kind: "segment-wanted"; readonly reason: SegmentReason };

export class StreamHost {
  readonly #emit: (event: HostEvent) => void;
  #sender: StreamSender | null = null;

  constructor(emit: (event: HostEvent) => void) {
    this.#emit = emit;
  }

  handle(command: HostCommand): void {
    if (command.kind === "start") {
      this.#sender = this.#createSender(command.options);
      this.#sender.start();
      return;
    }
    const sender = this.#sender;
    if (!sender) throw new Error(`${command.kind} came before start.`);
    switch (command.kind) {
      case "segment":
        sender.openSegment(command.info);
        break;
      case "chunk":
        sender.push(command.chunk);
        break;
      case "segment-end":
        sender.closeSegment();
        break;
      case "muted":
        sender.setMuted(command.muted);
        break;
      case "network":
        sender.network(command.event);
        break;
      case "finish":
        sender.finish();
        break;
      case "abandon":
        sender.abandon();
        break;
    }
  }

  #createSender(options: SendOptions): StreamSender {
    return new StreamSender({
      ...options,
      openSocket: openBrowserSocket,
      now: Date.now,
      random: Math.random,
      schedule: (callback, delayMs) => {
        const timer = setTimeout(callback, delayMs);
        return () => clearTimeout(timer);
      },
      onSegmentWanted: (reason) => this.#emit({ kind: "segment-wanted", reason }),
      onGap: (gap) => this.#emit({ kind: "gap", gap }),
      onStatus: (status) => this.#emit({ kind: "status", status }),
    });
  }
}
