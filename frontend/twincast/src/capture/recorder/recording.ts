import type { Clock } from "../../clock";
import type { EncodedChunk, SegmentInfo } from "../../model/media";
import type { StreamKind } from "../../model/stream";
import type { SegmentDetails } from "../segment-details";
import type { ChunkSink } from "../types";

/** How to ask one engine for one recording. */
export interface RecordingFormat {
  /** Empty: whatever the engine likes best. */
  readonly mimeType: string;
  readonly timesliceMs: number;
  /** Chromium's MP4 gives bytes at key frames only, every 100 frames unless told: then this is its cadence. */
  readonly keyFrameEveryMs: number;
}

/** The browser's recorder, or a test's. */
export interface RecorderEngine {
  isTypeSupported(mimeType: string): boolean;
  /** @throws NotSupportedError and others, at the engine's discretion. */
  create(track: MediaStreamTrack, options: MediaRecorderOptions): MediaRecorder;
  /** A phone gives a hidden page no frames. */
  isPageHidden(): boolean;
}

export interface RecordingOptions {
  readonly kind: StreamKind;
  readonly track: MediaStreamTrack;
  readonly format: RecordingFormat;
  readonly bitsPerSecond: number;
  readonly firstBytesMs: number;
  /** Sent with the segment: why this encoder was chosen. */
  readonly reason: string;
  readonly engine: RecorderEngine;
  readonly clock: Clock;
  readonly sink: ChunkSink;
  /** Settles when the recording before has delivered everything: segments never overlap in the sink. */
  readonly previous: Promise<unknown>;
  describe(track: MediaStreamTrack): SegmentDetails;
  onFirstBytes(): void;
  onChunk(chunk: EncodedChunk): void;
  onEmptyChunk(): void;
  /** A blob whose bytes cannot be had; its segment ends before it. */
  onLostChunk(): void;
}

/** How a recording came to its end. Whatever bytes it gave are in the sink by then, and its segment is closed. */
export type RecordingEnd =
  | { readonly kind: "stopped" }
  /** It gave bytes, then stopped by itself: the track ended, or the recorder failed. */
  | { readonly kind: "broke-off"; readonly detail: string; readonly lastedMs: number }
  | { readonly kind: "silent"; readonly detail: string };

/** Long enough for WebKitGTK, whose `stop` was seen to take 2.3 s when no frame had come. */
const STOP_MS = 5_000;

/**
 * One `MediaRecorder` from its start to its end, which is one segment.
 *
 * Readers of the bytes beware: WebKitGTK gives the first box and the last fragment of an MP4 twice
 * (protocol readers drop a box that repeats the one before it); nothing here may depend on what a chunk holds.
 */
export class Recording {
  readonly ended: Promise<RecordingEnd>;
  readonly #options: RecordingOptions;
  #recorder: MediaRecorder | undefined;
  #settleEnd: (end: RecordingEnd) => void = () => {};
  #state: "recording" | "stopping" | "over" = "recording";
  /** Blobs are converted one after another: awaited side by side they would come out of order. */
  #delivery: Promise<unknown>;
  #hasBytes = false;
  #isAnnounced = false;
  #startedAt: number;
  #stoppedAt: number | undefined;
  #capturedUntil: number;
  #stopWatch: () => void = () => {};
  #unreadable: string | undefined;

  constructor(options: RecordingOptions) {
    this.#options = options;
    this.#delivery = options.previous;
    this.#startedAt = this.#capturedUntil = options.clock.now();
    this.ended = new Promise((resolve) => {
      this.#settleEnd = resolve;
    });
    this.#begin();
  }

  /** Asks for the rest of the bytes; `ended` settles when they are delivered. */
  stop(): void {
    if (this.#state !== "recording") return;
    this.#state = "stopping";
    this.#stoppedAt = this.#options.clock.now();
    this.#stopWatch();
    if (this.#recorder?.state === "inactive") {
      this.#finish({ kind: "stopped" });
      return;
    }
    this.#stopWatch = this.#options.clock.after(STOP_MS, () => this.#finish({ kind: "stopped" }));
    this.#recorder?.stop();
  }

  #begin(): void {
    const { kind, track, format, bitsPerSecond, engine, clock } = this.#options;
    const rate =
      kind === "video" ? { videoBitsPerSecond: bitsPerSecond } : { audioBitsPerSecond: bitsPerSecond };
    try {
      const recorder = engine.create(track, {
        ...(format.mimeType && { mimeType: format.mimeType }),
        ...rate,
        ...({ videoKeyFrameIntervalDuration: format.keyFrameEveryMs } satisfies ChromiumRecorderOptions),
      });
      this.#recorder = recorder;
      recorder.onstart = () => {
        this.#startedAt = this.#capturedUntil = clock.now();
      };
      recorder.ondataavailable = ({ data }) => this.#take(data);
      recorder.onerror = (event) => this.#breakOff(errorDetail(event));
      recorder.onstop = () => this.#breakOff("the recorder stopped by itself");
      recorder.start(format.timesliceMs);
      this.#watchForBytes();
    } catch (cause) {
      // Told later, as every other end is: the owner has not seen this recording yet.
      queueMicrotask(() => this.#finish({ kind: "silent", detail: String(cause) }));
    }
  }

  #watchForBytes(): void {
    const { clock, firstBytesMs, track, format, engine } = this.#options;
    this.#stopWatch = clock.after(firstBytesMs, () => {
      // Without frames no recorder gives bytes: that is an interruption, and no fault of the format.
      if (track.muted || track.readyState === "ended" || engine.isPageHidden()) return this.#watchForBytes();
      this.#finish({
        kind: "silent",
        detail: `${format.mimeType || "default type"}: no bytes in ${firstBytesMs} ms`,
      });
    });
  }

  #take(data: Blob): void {
    if (this.#state === "over") return;
    if (data.size === 0) {
      this.#options.onEmptyChunk();
      return;
    }
    const capturedFrom = this.#capturedUntil;
    const now = Math.min(this.#options.clock.now(), this.#stoppedAt ?? Number.POSITIVE_INFINITY);
    const capturedTo = Math.max(capturedFrom, now);
    this.#capturedUntil = capturedTo;
    const isFirst = !this.#hasBytes;
    if (isFirst) {
      this.#hasBytes = true;
      if (this.#state === "recording") this.#stopWatch();
    }
    const keyFrame = isFirst || this.#options.kind === "audio";
    this.#delivery = this.#delivery.then(async () => {
      // What follows a lost blob cannot be decoded; the owner begins another segment.
      if (this.#unreadable !== undefined) return this.#options.onLostChunk();
      try {
        const payload = new Uint8Array(await data.arrayBuffer());
        this.#deliver({ payload, capturedFrom, capturedTo, keyFrame }, data.type);
      } catch (cause) {
        this.#unreadable = `a chunk of ${data.size} bytes could not be read: ${cause}`;
        this.#options.onLostChunk();
        if (this.#state === "recording") this.#breakOff(this.#unreadable);
      }
    });
  }

  #deliver(chunk: EncodedChunk, blobType: string): void {
    const { sink, onFirstBytes, onChunk } = this.#options;
    if (!this.#isAnnounced) {
      this.#isAnnounced = true;
      sink.segment(this.#segmentInfo(blobType));
      sink.chunk(chunk);
      onFirstBytes();
    } else {
      sink.chunk(chunk);
    }
    onChunk(chunk);
  }

  #segmentInfo(blobType: string): SegmentInfo {
    const { format, track, reason, describe } = this.#options;
    // Empty before the start in WebKit, a placeholder after it, and true when the first bytes are there.
    const mimeType = this.#recorder?.mimeType || blobType || format.mimeType;
    const codecs = /codecs\s*=\s*"?([^";]+)/i.exec(mimeType)?.[1]?.trim();
    return {
      mimeType,
      ...(codecs && { codecs }),
      startedAt: this.#startedAt,
      encoder: { name: "media-recorder", reason },
      ...describe(track),
    };
  }

  #breakOff(detail: string): void {
    const lastedMs = this.#options.clock.now() - this.#startedAt;
    if (this.#state === "stopping") this.#finish({ kind: "stopped" });
    else this.#finish(this.#hasBytes ? { kind: "broke-off", detail, lastedMs } : { kind: "silent", detail });
  }

  #finish(end: RecordingEnd): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.#stopWatch();
    if (this.#recorder && this.#recorder.state !== "inactive") {
      try {
        this.#recorder.stop();
      } catch {
        // It is being given up; that it cannot even stop changes nothing.
      }
    }
    this.#delivery = this.#delivery.then(() => {
      if (this.#isAnnounced) this.#options.sink.segmentEnd();
      this.#settleEnd(end);
    });
  }
}

/** Not in the DOM's types yet: https://w3c.github.io/mediacapture-record/#dom-mediarecorderoptions */
interface ChromiumRecorderOptions {
  readonly videoKeyFrameIntervalDuration?: number;
}

function errorDetail(event: Event): string {
  const error = "error" in event ? event.error : undefined;
  return error instanceof Error ? `${error.name}: ${error.message}` : "the recorder reported an error";
}
