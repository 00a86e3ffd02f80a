/** What the page and a phone's worker say to each other. */

import type { ClockReading } from "../../clock";
import type { StreamKind } from "../../model/stream";
import type { WatchedStream } from "../../model/watch";

export type ViewerCommand =
  /** First, and once. */
  | {
      readonly kind: "watch";
      readonly clock: ClockReading;
      readonly canvas: OffscreenCanvas;
      readonly socketUrl: string;
      readonly watchId: string;
      readonly streams: readonly StreamKind[];
      readonly token: string | null;
    }
  /** The phone has another stream by now. */
  | { readonly kind: "add"; readonly stream: StreamKind }
  /** Whether anybody sees the page. */
  | { readonly kind: "visible"; readonly visible: boolean }
  /** Somebody listens. `latencyMs`: from the audio thread to the ear. */
  | {
      readonly kind: "listen";
      readonly port: MessagePort;
      readonly sampleRate: number;
      readonly latencyMs: number;
    }
  | { readonly kind: "stop-listening" }
  /** The network may be back. */
  | { readonly kind: "retry" }
  | { readonly kind: "close" };

/** Whenever something changed, and a few times a second while anything comes. */
export interface ViewerEvent {
  readonly streams: readonly WatchedStream[];
}
