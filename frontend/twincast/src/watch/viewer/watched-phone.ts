/** A watched phone as the page knows it: its worker does the rest. */

import { systemClock } from "../../clock";
import type { StreamKind } from "../../model/stream";
import type { WatchedStream } from "../../model/watch";
import { Store } from "../../session/store";
import type { ViewerCommand, ViewerEvent } from "./commands";
import type { OpenSound } from "./sound-output";

/** What a worker is to the page. */
export interface ViewerPort {
  post(command: ViewerCommand, transfer?: Transferable[]): void;
  terminate(): void;
}

export type OpenViewer = (events: {
  event(event: ViewerEvent): void;
  failed(detail: string): void;
}) => ViewerPort;

export interface WatchedPhoneOptions {
  readonly watchId: string;
  readonly name: string;
  readonly socketUrl: string;
  readonly token: string | null;
  readonly openViewer: OpenViewer;
}

const NO_FIGURES = { delayMs: null, rateKBps: 0, marks: [], muted: false } as const;

/**
 * One phone that can be watched, as `WatchSession.phones` lists it. Nothing of it is fetched before `show`,
 * which gives it a worker of its own.
 */
export class WatchedPhone {
  /** What its session is called by those who watch; another one for every session. */
  readonly watchId: string;
  /** For a person: the kind of device and the beginning of its watch id, such as `iPhone 3fa2`. */
  readonly name: string;
  /** Where each of its streams stands; `connecting` before `show`, and as it last was after `close`. */
  readonly streams = new Store<readonly WatchedStream[]>([]);
  /** Grows when the worker is another one: it needs a canvas of its own. */
  readonly generation = new Store(0);
  readonly #options: WatchedPhoneOptions;
  readonly #kinds = new Set<StreamKind>();
  #viewer: ViewerPort | null = null;
  /** `isHandedOver`: its port is in the worker. */
  #sound: { readonly open: OpenSound; isHandedOver: boolean } | null = null;
  #isVisible = true;
  #hasBroken = false;

  constructor(options: WatchedPhoneOptions, kinds: readonly StreamKind[]) {
    this.#options = options;
    this.watchId = options.watchId;
    this.name = options.name;
    for (const kind of kinds) this.#kinds.add(kind);
    this.streams.set([...this.#kinds].map((kind) => this.#unknown(kind)));
  }

  /** The streams that it has, or had. */
  get kinds(): ReadonlySet<StreamKind> {
    return this.#kinds;
  }

  /** A stream of it that was not there before. */
  add(kind: StreamKind): void {
    if (this.#kinds.has(kind)) return;
    this.#kinds.add(kind);
    this.streams.update((streams) => [...streams, this.#unknown(kind)]);
    this.#viewer?.post({ kind: "add", stream: kind });
  }

  /** Draws on this canvas from now on, which no other phone and no earlier worker has had. */
  show(canvas: HTMLCanvasElement): void {
    if (this.#viewer) return;
    const offscreen = canvas.transferControlToOffscreen();
    const { watchId, socketUrl, token, openViewer } = this.#options;
    const viewer = openViewer({
      event: (event) => {
        if (viewer === this.#viewer) this.streams.set(event.streams);
      },
      failed: (detail) => {
        if (viewer === this.#viewer) this.#broke(detail);
      },
    });
    this.#viewer = viewer;
    viewer.post(
      {
        kind: "watch",
        clock: systemClock.read(),
        canvas: offscreen,
        socketUrl,
        watchId,
        streams: [...this.#kinds],
        token,
      },
      [offscreen],
    );
    if (!this.#isVisible) viewer.post({ kind: "visible", visible: false });
    this.#listen();
  }

  /** Tells whether anybody sees it; where not, nothing is fetched but sound that is heard. */
  visible(visible: boolean): void {
    this.#isVisible = visible;
    this.#viewer?.post({ kind: "visible", visible });
  }

  /** The network may be back: streams that wait for their next try connect at once. */
  retry(): void {
    this.#viewer?.post({ kind: "retry" });
  }

  /**
   * Plays its sound there; `WatchSession.hear` opens it and calls this. Of a phone that is not shown yet it is
   * heard from `show` on.
   *
   * @param sound null: nobody listens any more.
   */
  hear(sound: OpenSound | null): void {
    this.#sound?.open.close();
    this.#sound = sound && { open: sound, isHandedOver: false };
    if (sound) this.#listen();
    else this.#viewer?.post({ kind: "stop-listening" });
  }

  #listen(): void {
    if (!this.#viewer || !this.#sound || this.#sound.isHandedOver) return;
    this.#sound.isHandedOver = true;
    const { port, sampleRate, latencyMs } = this.#sound.open;
    this.#viewer.post({ kind: "listen", port, sampleRate, latencyMs }, [port]);
  }

  /** Whether nothing more comes of it. */
  get isOver(): boolean {
    return this.streams.get().every(({ status }) => status.kind === "ended" || status.kind === "failed");
  }

  /** Ends its worker, connections and sound; `show` with another canvas begins anew. */
  close(): void {
    this.hear(null);
    this.#viewer?.post({ kind: "close" });
    this.#viewer?.terminate();
    this.#viewer = null;
  }

  /** Once it may be the system's doing; a second time it is ours. */
  #broke(detail: string): void {
    this.#viewer?.terminate();
    this.#viewer = null;
    this.hear(null);
    if (!this.#hasBroken) {
      this.#hasBroken = true;
      this.generation.update((generation) => generation + 1);
      return;
    }
    this.streams.update((streams) =>
      streams.map((stream) => ({
        ...stream,
        status: { kind: "failed", code: "unreadable", message: detail },
      })),
    );
  }

  #unknown(kind: StreamKind): WatchedStream {
    return { kind, status: { kind: "connecting", attempt: 0 }, figures: NO_FIGURES };
  }
}
