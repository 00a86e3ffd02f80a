/**
 * The page's part in encoding one stream: feeds the encoder in the worker, or records on the page where that gives
 * nothing. Whatever opens when nothing is recorded any more is closed at once.
 */

import type { Reduction } from "../adaptation";
import type { ChunkSink } from "../capture";
import type { AudioInput } from "../capture/devices";
import { EncoderError, type EncoderErrorCode, LAST_RESORT_MS, type StreamEncoder } from "../capture/encode";
import type { FrameDetails } from "../capture/video";
import type { Clock } from "../clock";
import type { SegmentInfo } from "../model/media";
import type { StreamKind } from "../model/stream";
import type { SenderStatus } from "../transport";
import type { InputSource, PageCapture } from "./capture";
import type { EncoderInput, WorkerCommand, WorkerEvent } from "./commands";
import { releaseInput } from "./commands";
import type { EncoderSettings, Plan, Prepared } from "./preparation";
import { RecorderRate } from "./recorder-rate";
import { after, within } from "./timing";

/** For an encoder in the worker to give its first bytes; it gives itself 3 s. */
const ENCODE_MS = 5_000;
/** The same where nothing else can take its place: it gives itself `LAST_RESORT_MS`. */
const LAST_ENCODE_MS = LAST_RESORT_MS + 2_000;
/** For the worker to let go of a camera. */
const RELEASE_MS = 500;

type Encoder =
  | { readonly by: "none" }
  | {
      readonly by: "webcodecs";
      readonly plan: Extract<Plan, { by: "webcodecs" }>;
      source: InputSource | null;
      /** Whether the worker was given an input, so that its encoder runs. */
      isGiven: boolean;
    }
  | { readonly by: "recorder"; readonly recorder: StreamEncoder<MediaStreamTrack> };

export interface PageEncodingOptions {
  readonly kind: StreamKind;
  readonly settings: EncoderSettings;
  readonly sound: AudioInput | null;
  readonly clock: Clock;
  /** Settles when nothing is recorded any more. */
  readonly over: Promise<void>;
  readonly isRecording: () => boolean;
  readonly hasWorker: () => boolean;
  readonly post: (command: WorkerCommand) => void;
  /** The worker's next event of one of these kinds. */
  readonly next: <Kind extends WorkerEvent["kind"]>(
    ...kinds: Kind[]
  ) => Promise<Extract<WorkerEvent, { kind: Kind }>>;
  readonly onSegment: (info: SegmentInfo) => void;
  /** It had begun, and nothing else can be tried. */
  readonly onBroken: (error: EncoderError) => void;
}

export class PageEncoding {
  readonly #options: PageEncodingOptions;
  #capture: PageCapture | null = null;
  #encoder: Encoder = { by: "none" };
  #track: MediaStreamTrack | null = null;
  /** A source that opens for another number than this comes late. */
  #opening = 0;
  /** Whether the recorder's chunks belong to a segment that the worker knows. */
  #isSegmentOpen = false;
  #recorderRate: RecorderRate | null = null;

  constructor(options: PageEncodingOptions) {
    this.#options = options;
  }

  /** What will be encoded from the beginning. */
  setTrack(track: MediaStreamTrack): void {
    this.#track = track;
  }

  /** Whether the device gives nothing for now. */
  get isInterrupted(): boolean {
    return this.#track?.muted === true || this.#track?.readyState === "ended";
  }

  /** Another segment of a recorder; an encoder in the worker is told there. */
  newSegment(): void {
    if (this.#options.isRecording() && this.#encoder.by === "recorder") this.#encoder.recorder.newSegment();
  }

  /** The encoder in the worker broke after it had begun. */
  failed(code: EncoderErrorCode, detail: string): void {
    this.#fallBack(new EncoderError(this.#options.kind, code, detail)).catch((cause) =>
      this.#options.onBroken(errorOf(this.#options.kind, cause, "broken")),
    );
  }

  /** Fits a recorder's rate to the path. */
  followPath({ path }: SenderStatus): void {
    if (!this.#options.isRecording() || this.#encoder.by !== "recorder" || !this.#track) return;
    this.#recorderRate?.follow(this.#encoder.recorder, this.#track, path, this.#options.clock.now());
  }

  /** What of a recorder's picture is less than asked for; null where none records. */
  get recorderReduction(): Reduction | null {
    return this.#recorderRate?.reduction ?? null;
  }

  /** The worker is gone with its encoder; what a recorder gives belongs to nothing until `resume`. */
  workerLost(): void {
    this.#opening++;
    this.#isSegmentOpen = false;
    if (this.#encoder.by !== "webcodecs") return;
    this.#encoder.source?.close();
    // Another one: who waits for the lost one's first bytes waits for nothing.
    this.#encoder = { ...this.#encoder, source: null, isGiven: false };
  }

  /** Another worker is there. */
  resume(): void {
    if (this.#encoder.by === "webcodecs") this.#feedAgain(this.#encoder);
    else this.newSegment();
  }

  /** What a recorder still gives comes too late. */
  closeSegment(): void {
    this.#isSegmentOpen = false;
  }

  /** Another camera or microphone: what it gives belongs to a new segment. */
  replaceTrack(track: MediaStreamTrack): void {
    this.#track = track;
    if (!this.#options.isRecording()) return;
    const encoder = this.#encoder;
    if (encoder.by === "recorder") encoder.recorder.newSegment(track);
    if (encoder.by !== "webcodecs") return;
    // A microphone that Web Audio refuses takes another way, or the recorder's.
    if (encoder.source?.takesTracks && this.#options.sound?.state !== "closed")
      this.#options.post({ kind: "encode-segment" });
    else this.#feedAgain(encoder);
  }

  /**
   * Lets go of the device, so that another one can be opened: some phones open one camera at a time, and a clone keeps
   * it open. Resolves when the worker has let go too, or is too late with it.
   */
  async releaseTrack(): Promise<void> {
    const encoder = this.#encoder;
    // Of a microphone there is no clone.
    if (encoder.by !== "webcodecs" || this.#options.kind === "audio") return;
    this.#opening++;
    encoder.source?.close();
    const released = this.#options.next("released");
    this.#options.post({ kind: "release" });
    if (encoder.isGiven)
      await Promise.race([released, this.#options.over, after(this.#options.clock, RELEASE_MS)]);
  }

  /** The picture was turned or changed its size: no segment holds two sizes. */
  setPicture(details: FrameDetails): void {
    if (!this.#options.isRecording()) return;
    // An encoder in the worker sees the frames themselves, and opens its segment when their size changes.
    if (this.#encoder.by === "webcodecs") this.#options.post({ kind: "encode-details", details });
    if (this.#encoder.by === "recorder") this.#encoder.recorder.newSegment();
  }

  /** Begins the first segment. Resolves with its first bytes; rejects when nothing gives any. */
  async begin({ capture, plan }: Prepared): Promise<void> {
    this.#capture = capture;
    if (!this.#options.isRecording()) return;
    if (plan.by === "recorder") return this.#recordBy(plan.reason);
    const encoder: Encoder = { by: "webcodecs", plan, source: null, isGiven: false };
    this.#encoder = encoder;
    await this.#feed(encoder).catch((cause) => this.#fallBack(cause));
  }

  /** Opens the way for the track's media to the worker. Resolves with the encoder's first bytes. */
  async #feed(encoder: Extract<Encoder, { by: "webcodecs" }>): Promise<void> {
    const track = this.#track;
    const own = ++this.#opening;
    const isUsed = () => this.#options.isRecording() && this.#encoder === encoder;
    const isWanted = () => isUsed() && own === this.#opening;
    encoder.source?.close();
    encoder.source = null;
    // A device that ended is an interruption: whoever watches it brings another track.
    // So is a worker that was lost: the next one is given the track.
    if (!track || track.readyState === "ended" || !this.#capture || !this.#options.hasWorker()) return;
    const { encode: plan, workerHasTrackProcessor } = encoder.plan;
    const begun = encoder.isGiven ? null : this.#options.next("encoding", "encode-failed");
    const post = (input: EncoderInput) => {
      if (!isWanted()) return releaseInput(input);
      this.#options.post(
        encoder.isGiven ? { kind: "encode-segment", input } : { kind: "encode", plan, input },
      );
      encoder.isGiven = true;
    };
    const encodeMs = plan.isLastResort ? LAST_ENCODE_MS : ENCODE_MS;
    const { sound } = this.#options;
    const opening = this.#capture
      .openSource({ track, sound, workerHasTrackProcessor, post })
      .then((source) => {
        if (isWanted()) encoder.source = source;
        else source.close();
      });
    try {
      await Promise.race([within(this.#options.clock, encodeMs, opening), this.#options.over]);
    } catch (cause) {
      // A track may end while it is being opened.
      if (isWanted() && (track.readyState as MediaStreamTrackState) !== "ended") throw cause;
      return;
    }
    if (!begun || !isWanted()) return;
    try {
      const first = await Promise.race([within(this.#options.clock, encodeMs, begun), this.#options.over]);
      if (first?.kind === "encode-failed")
        throw new EncoderError(this.#options.kind, first.code, first.detail);
    } catch (cause) {
      if (isUsed()) throw cause;
    }
  }

  #feedAgain(encoder: Extract<Encoder, { by: "webcodecs" }>): void {
    this.#feed(encoder)
      .catch((cause) => this.#fallBack(cause))
      .catch((cause) => this.#options.onBroken(errorOf(this.#options.kind, cause, "broken")));
  }

  /** WebCodecs gives nothing, or no more: the recorder goes on, with the track of now. */
  async #fallBack(cause: unknown): Promise<void> {
    const encoder = this.#encoder;
    if (!this.#options.isRecording() || encoder.by !== "webcodecs") return;
    const error = errorOf(this.#options.kind, cause, "no-bytes");
    this.drop();
    this.#options.post({ kind: "encode-abort" });
    if (encoder.plan.encode.isLastResort || !this.#capture) throw error;
    await this.#recordBy(`${error.message} (${error.detail})`);
  }

  async #recordBy(reason: string): Promise<void> {
    const { kind, settings } = this.#options;
    const track = this.#track;
    if (!this.#capture || !track || !this.#options.isRecording()) return;
    const { cadence } = settings;
    const recorder = this.#capture.createRecorder({
      kind,
      bitsPerSecond: kind === "video" ? settings.videoBitsPerSecond : settings.audioBitsPerSecond,
      reason,
      onFailure: (error) => this.#options.onBroken(error),
      ...(cadence !== "realtime" && { timesliceMs: cadence.everyMs }),
    });
    this.#encoder = { by: "recorder", recorder };
    this.#recorderRate = new RecorderRate(kind, settings);
    const started = recorder.start(track, this.#recorderSink(recorder));
    started.catch(() => {});
    if (track.readyState !== "ended") await started;
  }

  /** What comes after the end, or of a segment that another worker does not know, belongs to nothing. */
  #recorderSink(recorder: StreamEncoder<MediaStreamTrack>): ChunkSink {
    const isCurrent = () => this.#encoder.by === "recorder" && this.#encoder.recorder === recorder;
    return {
      segment: (info) => {
        if (!isCurrent()) return;
        this.#isSegmentOpen = true;
        this.#options.onSegment(info);
        this.#options.post({ kind: "segment", info });
      },
      chunk: (chunk) => {
        if (isCurrent() && this.#isSegmentOpen) this.#options.post({ kind: "chunk", chunk });
      },
      segmentEnd: () => {
        if (!isCurrent() || !this.#isSegmentOpen) return;
        this.#isSegmentOpen = false;
        this.#options.post({ kind: "segment-end" });
      },
    };
  }

  /** The page's part of an encoder ends; the worker's ends by `finish`. */
  async end(): Promise<void> {
    this.#opening++;
    const encoder = this.#encoder;
    if (encoder.by === "webcodecs") encoder.source?.close();
    if (encoder.by !== "recorder") return;
    const stopped = encoder.recorder.stop().catch(() => {});
    this.#recorderRate?.restore();
    await stopped;
  }

  drop(): void {
    void this.end();
    this.#encoder = { by: "none" };
    this.#isSegmentOpen = false;
    this.#recorderRate = null;
  }
}

/** A failure in the words of an encoder; `code` for what is none yet. */
export function errorOf(kind: StreamKind, cause: unknown, code: EncoderErrorCode): EncoderError {
  return cause instanceof EncoderError ? cause : new EncoderError(kind, code, String(cause));
}
