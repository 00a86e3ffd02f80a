/** The recordings on the page: the list, the one that is open, and what is made of it. */

import type { Clock } from "../../clock";
import type { ExportState, RecordedFile, RecordingSummary } from "../../model/recording";
import { Store } from "../../session/store";
import type { RecordingPlayer } from "./player";
import type { RecordingsApi } from "./recordings-api";
import { type Timeline, timelineOf } from "./timeline";

export interface RecordingsBrowserOptions {
  readonly api: RecordingsApi;
  readonly clock: Clock;
  /** Hands a file to the person. */
  readonly save: (blob: Blob, name: string) => void;
}

/** The recording that is open on the page. */
export interface OpenRecording {
  /** The session's watch id. */
  readonly id: string;
  /** Its pieces, marks and files; another one when a player or an export has found more of it. */
  readonly timeline: Store<Timeline>;
  /** How far the one file of both streams is; tells of a download that failed, too. */
  readonly exporting: Store<ExportState>;
}

/**
 * The recordings of a backend, for a page that lists them, plays one and saves its files. Of its promises
 * only that of `player` may reject: what goes wrong elsewhere stands in `trouble`, or in `exporting`.
 */
export class RecordingsBrowser {
  /** Null while it is fetched. */
  readonly list = new Store<readonly RecordingSummary[] | null>(null);
  /** Where `more` goes on; null where there is no more, and before the first list. */
  readonly next = new Store<string | null>(null);
  /** A sentence for the person. */
  readonly trouble = new Store<string | null>(null);
  /** Null while none is open, and until the backend has answered. */
  readonly opened = new Store<OpenRecording | null>(null);
  readonly #options: RecordingsBrowserOptions;
  /** Answers to an earlier question of the same kind are no one's. */
  #listRound = 0;
  #openRound = 0;

  constructor(options: RecordingsBrowserOptions) {
    this.#options = options;
  }

  /** From the newest on. */
  async refresh(): Promise<void> {
    const round = ++this.#listRound;
    try {
      const { recordings, next } = await this.#options.api.list(null);
      if (round !== this.#listRound) return;
      this.trouble.set(null);
      this.list.set(recordings);
      this.next.set(next);
    } catch (cause) {
      if (round === this.#listRound) this.trouble.set(messageOf(cause));
    }
  }

  /** Those before the last one of the list; nothing where `next` is null. */
  async more(): Promise<void> {
    const from = this.next.get();
    if (from === null) return;
    const round = ++this.#listRound;
    try {
      const { recordings, next } = await this.#options.api.list(from);
      if (round !== this.#listRound) return;
      this.trouble.set(null);
      this.list.update((list) => [...(list ?? []), ...recordings]);
      this.next.set(next);
    } catch (cause) {
      if (round === this.#listRound) this.trouble.set(messageOf(cause));
    }
  }

  /** Closes the one that is open, and asks the backend for another one. @param id null for none. */
  async open(id: string | null): Promise<void> {
    const round = ++this.#openRound;
    this.opened.set(null);
    if (id === null) return;
    try {
      const listed = await this.#options.api.one(id);
      if (round !== this.#openRound) return;
      this.trouble.set(null);
      this.opened.set({
        id,
        timeline: new Store(timelineOf(listed.streams)),
        exporting: new Store<ExportState>({ kind: "idle" }),
      });
    } catch (cause) {
      if (round === this.#openRound) this.trouble.set(messageOf(cause));
    }
  }

  /** Mediabunny is fetched for the first one. */
  async player(recording: OpenRecording, canvas: HTMLCanvasElement): Promise<RecordingPlayer> {
    const { api, clock } = this.#options;
    const [{ FilePlayer }, { openPiece }] = await Promise.all([
      import("./file-player"),
      import("./segment-input"),
    ]);
    return new FilePlayer({
      timeline: recording.timeline.get(),
      canvas,
      clock,
      open: (piece) => openPiece(api, recording.id, piece),
      refresh: async () => {
        const listed = await api.one(recording.id);
        const timeline = timelineOf(listed.streams);
        recording.timeline.set(timeline);
        return { timeline, mayGrow: listed.state === "recording" };
      },
    });
  }

  /** Both streams as one file, with what is there by now. */
  async export(recording: OpenRecording): Promise<void> {
    const { api, save } = this.#options;
    const { id, exporting } = recording;
    if (exporting.get().kind === "running") return;
    exporting.set({ kind: "running", share: 0 });
    try {
      const [{ joinStreams }, { openPiece }] = await Promise.all([
        import("./join-streams"),
        import("./segment-input"),
      ]);
      const timeline = timelineOf((await api.one(id)).streams);
      recording.timeline.set(timeline);
      const { blob, extension } = await joinStreams({
        timeline,
        open: (piece) => openPiece(api, id, piece),
        onProgress: (share) => exporting.set({ kind: "running", share }),
      });
      save(blob, `twincast-${id.slice(0, 8)}.${extension}`);
      exporting.set({ kind: "done" });
    } catch (cause) {
      exporting.set({ kind: "failed", message: messageOf(cause) });
    }
  }

  /** A file as the phone sent it. */
  async download({ id, exporting }: OpenRecording, { stream, name }: RecordedFile): Promise<void> {
    try {
      this.#options.save(await this.#options.api.file(id, stream, name), `${stream}-${name}`);
    } catch (cause) {
      // An export that runs goes on.
      if (exporting.get().kind === "running") this.trouble.set(messageOf(cause));
      else exporting.set({ kind: "failed", message: messageOf(cause) });
    }
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
