/**
 * The page's end of one stream: chooses its encoder, feeds it, and sees to it that whatever becomes of the worker, the
 * stream goes on or ends with a verdict. It lives for one session.
 *
 * Its phase goes one way only, and nothing is captured in any but `recording`: whatever opens late is closed at once.
 * Everything that is awaited has an end.
 */

import type { AudioInput } from "../capture/devices";
import { EncoderError } from "../capture/encode";
import type { FrameDetails } from "../capture/video";
import type { Clock } from "../clock";
import type { SegmentInfo } from "../model/media";
import type { StreamKind } from "../model/stream";
import type { NetworkEvent } from "../transport";
import type { SendOptions, WorkerCommand, WorkerEvent } from "./commands";
import { EventWaiters } from "./event-waiters";
import { type HostPort, openHost } from "./open-host";
import { errorOf, PageEncoding } from "./page-encoding";
import { type EncoderSettings, type Prepared, prepare, type WorkerEnvironment } from "./preparation";
import { Progress } from "./progress";
import type { StreamEvent } from "./stream-event";
import { after } from "./timing";

export interface StreamProxyOptions {
  readonly kind: StreamKind;
  readonly settings: EncoderSettings;
  /** The microphone inside Web Audio; null for video, and where the browser cannot. */
  readonly sound: AudioInput | null;
  readonly environment: WorkerEnvironment;
  readonly onEvent: (event: StreamEvent) => void;
}

/** From Start to the first bytes, whatever is tried. */
export const START_MS = 20_000;
/** For the last chunks of a recorder. */
const FLUSH_MS = 3_000;
/** From Stop until the last chunks are on their way. */
export const FINISH_MS = 5_000;
/** From Stop until a worker is replaced that lives and does not end its encoder: on a busy phone it is only slow. */
export const ENCODER_END_MS = 20_000;
/** A worker whose stream is over says what became of it, and closes its connection in good order. */
export const LINGER_MS = 1_000;
/** Before each try to go on with another worker. A worker that was lost this often has its reason. */
export const RESTART_DELAYS_MS = [0, 1_000, 4_000] as const;
/** A worker that ran for so long was no part of a row of losses. */
export const STABLE_MS = 60_000;

type Phase =
  | { readonly kind: "prepared" }
  | { readonly kind: "recording"; readonly send: SendOptions }
  /** `recordedTo`: when the person pressed Stop, until the encoder's last chunks are in the worker. */
  | { readonly kind: "finishing"; readonly send: SendOptions; readonly recordedTo?: number }
  | { readonly kind: "over" };

export class StreamProxy {
  readonly kind: StreamKind;
  readonly #options: StreamProxyOptions;
  readonly #clock: Clock;
  #phase: Phase = { kind: "prepared" };
  #host: HostPort | null = null;
  #prepared: Promise<Prepared>;
  readonly #encoding: PageEncoding;
  #muted = false;
  #failure: EncoderError | null = null;
  /** Whether its code was ever there, in a worker or on the page. */
  #hasRun = false;
  #losses = 0;
  #cancelTimer: () => void = () => {};
  readonly #progress = new Progress();
  readonly #waiters = new EventWaiters();
  readonly #over: Promise<void>;
  #leave: () => void = () => {};

  constructor(options: StreamProxyOptions) {
    this.#options = options;
    this.#clock = options.environment.clock;
    this.kind = options.kind;
    this.#over = new Promise((resolve) => {
      this.#leave = resolve;
    });
    this.#encoding = new PageEncoding({
      ...options,
      clock: this.#clock,
      over: this.#over,
      isRecording: () => this.#phase.kind === "recording",
      hasWorker: () => this.#host !== null,
      post: (command) => this.#post(command),
      next: (...kinds) => this.#waiters.next(...kinds),
      onSegment: (info) => this.#onSegment(info),
      onBroken: (error) => this.#breakOff(error),
    });
    this.#open();
    this.#prepared = this.#prepare();
    // Whoever starts is told.
    this.#prepared.catch(() => {});
  }

  /**
   * Begins the stream. Resolves with its first bytes, when it is stopped before them, and when its device gives nothing
   * for now. Rejects with an `EncoderError` when it cannot be encoded: after `START_MS` at the latest.
   */
  async start(track: MediaStreamTrack, send: SendOptions): Promise<void> {
    if (this.#phase.kind !== "prepared") return;
    this.#encoding.setTrack(track);
    this.#phase = { kind: "recording", send };
    this.#post({ kind: "start", options: send });
    if (this.#muted) this.#post({ kind: "muted", muted: true });
    try {
      await Promise.race([this.#begin(), this.#over, this.#tooLate()]);
      if (this.#failure) throw this.#failure;
    } catch (cause) {
      const error = errorOf(this.kind, cause, "no-bytes");
      if (this.#phase.kind === "recording") this.#breakOff(error);
      throw error;
    }
  }

  setMuted(muted: boolean): void {
    this.#muted = muted;
    if (this.#phase.kind !== "prepared") this.#post({ kind: "muted", muted });
  }

  network(event: NetworkEvent): void {
    this.#post({ kind: "network", event });
  }

  /** For every connection from now on, and for a worker that comes in the place of this one. */
  setToken(token: string | undefined): void {
    const phase = this.#phase;
    if (phase.kind !== "recording" && phase.kind !== "finishing") return;
    const { token: _, ...send } = phase.send;
    this.#phase = { ...phase, send: token === undefined ? send : { ...send, token } };
    this.#post({ kind: "token", token });
  }

  /** Another camera or microphone: what it gives belongs to a new segment. */
  replaceTrack(track: MediaStreamTrack): void {
    this.#encoding.replaceTrack(track);
  }

  /** See `PageEncoding`. */
  releaseTrack(): Promise<void> {
    return this.#encoding.releaseTrack();
  }

  /** The picture was turned or changed its size: no segment holds two sizes. */
  setPicture(details: FrameDetails): void {
    this.#encoding.setPicture(details);
  }

  /**
   * Records nothing any more, at once. Resolves when the encoder's last chunks are on their way, after `FINISH_MS`
   * at the latest; reports say when the backend has verified everything.
   */
  async finish(): Promise<void> {
    const phase = this.#phase;
    if (phase.kind === "prepared") {
      this.#end();
      this.#options.onEvent({ kind: "unused" });
    }
    if (phase.kind !== "recording") return;
    const recordedTo = this.#clock.now();
    this.#phase = { kind: "finishing", send: phase.send, recordedTo };
    this.#leave();
    const flushed = this.#waiters.next("flushed");
    const late = after(this.#clock, FINISH_MS);
    await Promise.race([this.#encoding.end(), after(this.#clock, FLUSH_MS)]);
    this.#encoding.closeSegment();
    if (!this.#isFinishing()) return;
    const host = this.#host;
    this.#post({ kind: "finish", recordedTo });
    const answer = await Promise.race([flushed, late]);
    if (answer) this.#noteFlushed(host);
    else if (this.#isFinishing()) void this.#outwait(host, flushed);
    // Nothing was recorded: there is nothing to wait for on a path that does not answer.
    if (this.#progress.isEmpty)
      void late.then(() => this.#isFinishing() && this.#progress.isEmpty && this.discard());
  }

  /** Gives up what is kept, at once. */
  discard(): void {
    if (this.#phase.kind === "over") return;
    const { leftBytes } = this.#progress;
    this.#post({ kind: "abandon" });
    // The worker's own figure follows, where it still answers.
    this.#linger();
    this.#options.onEvent({ kind: "discarded", leftBytes });
  }

  /** Ends everything at once; nothing is told any more. */
  dispose(): void {
    this.#end();
  }

  #end(): void {
    this.#phase = { kind: "over" };
    this.#leave();
    this.#encoding.drop();
    this.#cancelTimer();
    this.#host?.close();
    this.#host = null;
  }

  /** The stream is over; its worker may say a last word. */
  #linger(): void {
    this.#phase = { kind: "over" };
    this.#leave();
    this.#encoding.drop();
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.after(LINGER_MS, () => this.#end());
  }

  /** Nobody waits for it any more. One that is silent is taken for lost by whoever watches it, and sooner. */
  async #outwait(host: HostPort | null, flushed: Promise<unknown>): Promise<void> {
    const answer = await Promise.race([flushed, after(this.#clock, ENCODER_END_MS - FINISH_MS)]);
    if (answer) this.#noteFlushed(host);
    else if (this.#isFinishing() && this.#host === host) this.#lose("it does not end its encoder");
  }

  /** What another worker answers says nothing of what was lost with this one. */
  #noteFlushed(by: HostPort | null): void {
    if (by === null || by !== this.#host || this.#phase.kind !== "finishing") return;
    const { kind, send } = this.#phase;
    this.#phase = { kind, send };
  }

  #isFinishing(): boolean {
    return this.#phase.kind === "finishing";
  }

  /** Whether the stream is over, and another session needs another proxy. */
  get isOver(): boolean {
    return this.#phase.kind === "over";
  }

  #prepare(): Promise<Prepared> {
    return prepare({
      ...this.#options,
      probe: (request) => {
        const answered = this.#waiters.next("probed");
        this.#post({ kind: "probe", request });
        return answered;
      },
    });
  }

  async #begin(): Promise<void> {
    // What could not be fetched while the person looked at the preview is asked for once more.
    const prepared = await this.#prepared.catch(() => this.#prepare());
    if (this.#phase.kind === "recording") this.#options.onEvent({ kind: "encoding" });
    await this.#encoding.begin(prepared);
  }

  /** Encoding is over for good; what was recorded is not. */
  #breakOff(error: EncoderError): void {
    if (this.#phase.kind !== "recording") return;
    if (this.#progress.isEmpty) {
      this.#fail(error);
      return;
    }
    this.#options.onEvent({ kind: "broken", error });
    void this.finish();
  }

  #fail(error: EncoderError): void {
    this.#failure = error;
    this.#post({ kind: "abandon" });
    this.#end();
    this.#options.onEvent({ kind: "failed", error });
  }

  // --- the worker

  #open(): void {
    const { environment } = this.#options;
    this.#host = openHost(environment, {
      event: (event) => this.#onEvent(event),
      silent: () => this.#tellRestart(this.#losses + 1),
      lost: (detail, hadLoaded) => this.#lose(detail, hadLoaded),
    });
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.after(STABLE_MS, () => {
      this.#losses = 0;
    });
  }

  #post(command: WorkerCommand): void {
    this.#host?.post(command);
  }

  #lose(detail: string, hadLoaded = true): void {
    if (this.#phase.kind === "over") return;
    this.#cancelTimer();
    this.#host?.close();
    this.#host = null;
    this.#encoding.workerLost();
    const delayMs = RESTART_DELAYS_MS[this.#losses++];
    if (delayMs === undefined || !this.#hasRun) {
      this.#fail(new EncoderError(this.kind, hadLoaded ? "worker-lost" : "not-loaded", detail));
      return;
    }
    this.#tellRestart(this.#losses);
    this.#cancelTimer = this.#clock.after(delayMs, () => this.#restart());
  }

  #tellRestart(attempt: number): void {
    const { kind } = this.#phase;
    if (kind === "recording" || kind === "finishing") this.#options.onEvent({ kind: "restarting", attempt });
  }

  /** Another worker goes on where the lost one was. */
  #restart(): void {
    const phase = this.#phase;
    if (phase.kind === "over") return;
    this.#open();
    if (phase.kind === "prepared") {
      this.#prepared = this.#prepare();
      this.#prepared.catch(() => {});
      return;
    }
    this.#post({ kind: "start", options: phase.send, continues: this.#progress.continuation() });
    if (this.#muted) this.#post({ kind: "muted", muted: true });
    if (phase.kind === "finishing") {
      const { recordedTo } = phase;
      this.#post({ kind: "finish", ...(recordedTo !== undefined && { recordedTo }) });
      return;
    }
    this.#encoding.resume();
  }

  /** Told before the worker numbers it, or knows of it at all. */
  #onSegment(info: SegmentInfo): void {
    this.#progress.noteSegment();
    this.#options.onEvent({ kind: "segment", info });
  }

  #onEvent(event: WorkerEvent): void {
    this.#hasRun = true;
    const isAwaited = this.#waiters.tell(event);
    switch (event.kind) {
      case "report":
        this.#onReport(event);
        break;
      case "numbered":
        this.#progress.noteNumbered(event);
        break;
      case "renumbered":
        this.#progress.noteRenumbered(event);
        break;
      case "acknowledged":
        this.#progress.noteAcknowledged(event.seq);
        break;
      case "segment":
        this.#onSegment(event.info);
        break;
      case "gap":
        this.#options.onEvent(event);
        break;
      case "token-wanted":
        this.#options.onEvent(event);
        break;
      case "segment-wanted":
        this.#encoding.newSegment();
        break;
      case "encode-failed":
        // While it begins, whoever waits for its first bytes goes on from here.
        if (!isAwaited) this.#encoding.failed(event.code, event.detail);
        break;
      case "loaded":
      case "alive":
      case "probed":
      case "encoding":
      case "released":
      case "flushed":
        break;
    }
  }

  #onReport(report: Extract<WorkerEvent, { kind: "report" }>): void {
    const { status, record, droppedFrames } = report;
    const { kind } = status.delivery;
    const isTerminal = kind === "ended" || kind === "failed" || kind === "abandoned";
    // After a discard only the last word counts.
    if (this.#phase.kind === "over" && !isTerminal) return;
    this.#progress.noteRecord(record, status.gaps);
    this.#encoding.followPath(status);
    const reduction = this.#encoding.recorderReduction ?? report.reduction;
    if (isTerminal) this.#linger();
    this.#options.onEvent({ kind: "report", status, droppedFrames, ...(reduction && { reduction }) });
  }

  /** Nothing came in time. A device that gives nothing for now is an interruption, and no failure. */
  async #tooLate(): Promise<void> {
    await after(this.#clock, START_MS);
    if (this.#encoding.isInterrupted) return;
    throw new EncoderError(this.kind, "no-bytes", `no bytes in ${START_MS} ms`);
  }
}
