import type { RecorderEngine } from "../recorder/recording";

/** How an engine records one type. */
export interface RecorderManner {
  /** The constructor throws. */
  refuses?: boolean;
  /** Says yes to everything and never gives a byte: an empty blob at `stop`, without an error. */
  mute?: boolean;
  /** `recorder.mimeType` once the first bytes are there. */
  rewritesTo?: string;
}

/** A `MediaRecorder` that hands over what a test tells it to, when a test tells it to. */
export class FakeRecorder {
  state: RecordingState = "inactive";
  mimeType: string;
  timesliceMs: number | undefined;
  onstart: ((event: Event) => void) | null = null;
  onstop: ((event: Event) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;
  ondataavailable: ((event: { data: Blob }) => void) | null = null;
  /** Handed over when it is stopped. */
  tail: Blob | undefined;
  /** Whether `stop` is answered by the `stop` event, or left hanging. */
  answersStop = true;
  readonly track: MediaStreamTrack;
  readonly options: MediaRecorderOptions;
  readonly #manner: RecorderManner;

  constructor(track: MediaStreamTrack, options: MediaRecorderOptions, manner: RecorderManner) {
    this.track = track;
    this.options = options;
    this.#manner = manner;
    this.mimeType = options.mimeType ?? "";
  }

  start(timesliceMs?: number): void {
    this.state = "recording";
    this.timesliceMs = timesliceMs;
    queueMicrotask(() => this.onstart?.(new Event("start")));
  }

  give(data: string | Blob): void {
    const blob = typeof data === "string" ? new Blob([data]) : data;
    if (this.#manner.mute) return;
    if (blob.size > 0 && this.#manner.rewritesTo) this.mimeType = this.#manner.rewritesTo;
    this.ondataavailable?.({ data: blob });
  }

  stop(): void {
    if (this.state === "inactive") throw new DOMException("inactive", "InvalidStateError");
    this.state = "inactive";
    if (!this.answersStop) return;
    queueMicrotask(() => {
      this.ondataavailable?.({ data: (this.#manner.mute ? undefined : this.tail) ?? new Blob([]) });
      this.onstop?.(new Event("stop"));
    });
  }

  /** The engine stops it: all its tracks have ended, or it failed. */
  breakOff(): void {
    this.state = "inactive";
    this.onstop?.(new Event("stop"));
  }
}

/** An engine that records the types of its table, each in its manner. */
export class FakeRecorderEngine implements RecorderEngine {
  readonly recorders: FakeRecorder[] = [];
  hidden = false;
  readonly #manners: Record<string, RecorderManner>;

  constructor(manners: Record<string, RecorderManner>) {
    this.#manners = manners;
  }

  isTypeSupported(mimeType: string): boolean {
    return mimeType in this.#manners;
  }

  create(track: MediaStreamTrack, options: MediaRecorderOptions): MediaRecorder {
    const manner = this.#manners[options.mimeType ?? ""] ?? {};
    if (manner.refuses) throw new DOMException("The type cannot be recorded", "NotSupportedError");
    const recorder = new FakeRecorder(track, options, manner);
    this.recorders.push(recorder);
    return recorder as unknown as MediaRecorder;
  }

  isPageHidden(): boolean {
    return this.hidden;
  }

  /** The recorder that was made last. */
  get last(): FakeRecorder {
    const recorder = this.recorders.at(-1);
    if (!recorder) throw new Error("No recorder was made.");
    return recorder;
  }
}

/** A blob whose conversion takes until the test lets it, so that conversions can overtake one another. */
export function slowBlob(text: string): { blob: Blob; finish: () => void } {
  const blob = new Blob([text]);
  let finish = () => {};
  const ready = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const read = blob.arrayBuffer.bind(blob);
  blob.arrayBuffer = async () => {
    await ready;
    return read();
  };
  return { blob, finish };
}

export function unreadableBlob(): Blob {
  const blob = new Blob(["gone"]);
  blob.arrayBuffer = () => Promise.reject(new DOMException("The blob is gone", "NotReadableError"));
  return blob;
}
