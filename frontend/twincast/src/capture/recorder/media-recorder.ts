import { type Clock, systemClock } from "../../clock";
import type { StreamKind } from "../../model/stream";
import { EncoderError, type EncoderStats, type StreamEncoder } from "../encode/encoder";
import { type SegmentDetails, screenAngle, trackDetails } from "../segment-details";
import type { ChunkSink } from "../types";
import { type RecorderEngine, Recording, type RecordingEnd, type RecordingFormat } from "./recording";

export interface MediaRecorderEncoderOptions {
  readonly kind: StreamKind;
  readonly bitsPerSecond: number;
  /** Asks for chunks no more often than this; a format that cannot give them as often keeps its own pace. */
  readonly timesliceMs?: number;
  /** A sentence that is sent with every segment: why this encoder was chosen. */
  readonly reason: string;
  /** Encoding ended after `start` had resolved, and no other format is left. */
  readonly onFailure: (error: EncoderError) => void;
  /** How long a format may stay without a byte. Safari's MP4 needs a bit over a second for its first. */
  readonly firstBytesMs?: number;
  readonly clock?: Clock;
  /** Absent: the browser's. Explicitly undefined: there is none. */
  readonly engine?: RecorderEngine | undefined;
  readonly describe?: (track: MediaStreamTrack) => SegmentDetails;
}

export const FIRST_BYTES_MS = 3_000;

/**
 * By real behaviour, best first. WebM comes in small pieces wherever it records (Chromium, Firefox, Safari from 26.4).
 * H.264 in it is Chromium's own (it calls it `video/x-matroska`) and comes before VP8, which in software starves at
 * 720p: 14 of 60 frames came through on a busy desktop, where H.264 gave all.
 * Safari cannot cut MP4 below a second, and asking for less forces a key frame per tick, so MP4 is asked for in
 * seconds; plain, because engines say yes to `vp9` or `hvc1` in MP4 and then record nothing. The engine's own choice
 * comes last. Chromium records WebM, so its MP4 (first bytes after 3 s) is never reached there unless WebM fails.
 */
const RECORDING_FORMATS: Readonly<Record<StreamKind, readonly RecordingFormat[]>> = {
  video: [
    { mimeType: "video/webm;codecs=avc1", timesliceMs: 100, keyFrameEveryMs: 2_000 },
    { mimeType: "video/webm;codecs=vp8", timesliceMs: 100, keyFrameEveryMs: 2_000 },
    { mimeType: "video/webm;codecs=vp9", timesliceMs: 100, keyFrameEveryMs: 2_000 },
    { mimeType: "video/webm", timesliceMs: 100, keyFrameEveryMs: 2_000 },
    { mimeType: "video/mp4", timesliceMs: 1_000, keyFrameEveryMs: 1_000 },
    { mimeType: "", timesliceMs: 1_000, keyFrameEveryMs: 1_000 },
  ],
  audio: [
    { mimeType: "audio/webm;codecs=opus", timesliceMs: 100, keyFrameEveryMs: 2_000 },
    { mimeType: "audio/mp4", timesliceMs: 1_000, keyFrameEveryMs: 1_000 },
    { mimeType: "", timesliceMs: 1_000, keyFrameEveryMs: 1_000 },
  ],
};

/** A recorder that breaks off sooner than this is not started again in the same format. */
const STABLE_MS = 1_000;

/** @returns the browser's `MediaRecorder`; undefined where there is none. */
export function browserRecorderEngine(): RecorderEngine | undefined {
  if (!("MediaRecorder" in globalThis)) return undefined;
  return {
    isTypeSupported: (mimeType) => MediaRecorder.isTypeSupported(mimeType),
    create: (track, options) => new MediaRecorder(new MediaStream([track]), options),
    isPageHidden: () => document.visibilityState === "hidden",
  };
}

/**
 * Encodes with `MediaRecorder`: everywhere, but with the engine's cadence and container. Its bit-rate is fixed per
 * segment. A format that gives no bytes in time is replaced by the next one.
 */
export class MediaRecorderEncoder implements StreamEncoder<MediaStreamTrack> {
  readonly name = "media-recorder";
  readonly kind: StreamKind;
  readonly #options: MediaRecorderEncoderOptions;
  readonly #clock: Clock;
  readonly #engine: RecorderEngine | undefined;
  readonly #formats: readonly RecordingFormat[];
  #formatIndex = 0;
  /** The format that gave bytes last: where a new input begins. */
  #provenIndex = 0;
  #bitsPerSecond: number;
  #sink: ChunkSink | undefined;
  #track: MediaStreamTrack | undefined;
  /** It was stopped: a track that comes late is not recorded. */
  #isOver = false;
  #recording: Recording | undefined;
  /** Settles when every recording so far has delivered everything. */
  #delivered: Promise<unknown> = Promise.resolve();
  #started: { resolve: () => void; reject: (error: EncoderError) => void } | undefined;
  readonly #silences: string[] = [];
  readonly #counts = {
    segments: 0,
    chunks: 0,
    bytes: 0,
    droppedFrames: 0,
    emptyChunks: 0,
    lostChunks: 0,
  };

  constructor(options: MediaRecorderEncoderOptions) {
    this.#options = options;
    this.kind = options.kind;
    this.#bitsPerSecond = options.bitsPerSecond;
    this.#clock = options.clock ?? systemClock;
    this.#engine = "engine" in options ? options.engine : browserRecorderEngine();
    // "No" is believed, "yes" is put to the test.
    this.#formats = RECORDING_FORMATS[this.kind].filter(
      ({ mimeType }) => mimeType === "" || this.#engine?.isTypeSupported(mimeType),
    );
  }

  start(track: MediaStreamTrack, sink: ChunkSink): Promise<void> {
    if (!this.#engine) {
      return Promise.reject(new EncoderError(this.kind, "unsupported", "MediaRecorder is not defined"));
    }
    this.#track = track;
    this.#sink = sink;
    return new Promise((resolve, reject) => {
      this.#started = { resolve, reject };
      this.#begin();
    });
  }

  newSegment(track?: MediaStreamTrack): void {
    if (this.#isOver) return;
    if (track) {
      this.#track = track;
      this.#formatIndex = this.#provenIndex;
    }
    const recording = this.#recording;
    this.#recording = undefined;
    recording?.stop();
    this.#begin();
  }

  setBitrate(bitsPerSecond: number): "needs-segment" {
    this.#bitsPerSecond = bitsPerSecond;
    return "needs-segment";
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    const recording = this.#recording;
    this.#recording = this.#track = undefined;
    recording?.stop();
    await this.#delivered;
    this.#started?.resolve();
  }

  stats(): EncoderStats {
    return { ...this.#counts };
  }

  #begin(): void {
    const { kind } = this;
    const engine = this.#engine;
    const track = this.#track;
    const sink = this.#sink;
    const clock = this.#clock;
    const bitsPerSecond = this.#bitsPerSecond;
    const counts = this.#counts;
    const own = this.#formats[this.#formatIndex];
    if (!engine || !track || !sink) return;
    if (!own) {
      this.#fail();
      return;
    }
    const format = { ...own, timesliceMs: Math.max(own.timesliceMs, this.#options.timesliceMs ?? 0) };
    const recording = new Recording({
      kind,
      track,
      format,
      bitsPerSecond,
      engine,
      clock,
      sink,
      firstBytesMs: this.#options.firstBytesMs ?? FIRST_BYTES_MS,
      reason: this.#options.reason,
      previous: this.#delivered,
      describe: this.#options.describe ?? ((of) => trackDetails(of, screenAngle())),
      onFirstBytes: () => {
        counts.segments++;
        this.#provenIndex = this.#formatIndex;
        this.#started?.resolve();
        this.#started = undefined;
      },
      onChunk: ({ payload }) => {
        counts.chunks++;
        counts.bytes += payload.byteLength;
      },
      onEmptyChunk: () => {
        counts.emptyChunks++;
      },
      onLostChunk: () => {
        counts.lostChunks++;
      },
    });
    this.#recording = recording;
    this.#delivered = recording.ended.then((end) => {
      if (recording === this.#recording) this.#recover(end, track);
    });
  }

  /** The current recording ended, and nobody asked it to. */
  #recover(end: RecordingEnd, track: MediaStreamTrack): void {
    this.#recording = undefined;
    // A track that ended is an interruption: whoever watches the devices brings a new one by `newSegment`.
    if (track.readyState === "ended") return;
    switch (end.kind) {
      case "stopped":
        return;
      case "silent":
        this.#silences.push(end.detail);
        this.#formatIndex++;
        this.#begin();
        return;
      case "broke-off":
        if (end.lastedMs < STABLE_MS) {
          this.#silences.push(end.detail);
          this.#formatIndex++;
        }
        this.#begin();
    }
  }

  #fail(): void {
    const started = this.#started;
    this.#started = this.#track = undefined;
    const error = new EncoderError(this.kind, started ? "no-bytes" : "broken", this.#silences.join("; "));
    if (started) started.reject(error);
    else this.#options.onFailure(error);
  }
}
