/**
 * Both ends of the seam on one thread, in virtual time: the real proxy, host and sender between fake devices, fake
 * encoders and a fake backend. A link is a call with queued delivery. Each part can be told to be late, to break or never
 * to answer.
 */

import type { ChunkSink } from "../../capture";
import { EncoderError, type StreamEncoder } from "../../capture/encode";
import type { Clock } from "../../clock";
import type { SegmentInfo } from "../../model/media";
import type { StreamKind } from "../../model/stream";
import { diskStorage, FakeDisk } from "../../storage/testing/fake-disk";
import { FakeClock } from "../../testing/fake-clock";
import { DEFAULT_LIMITS, type OpenSocket } from "../../transport";
import { FakeBackend } from "../../transport/testing/fake-backend";
import { FakeNetwork } from "../../transport/testing/fake-network";
import type { PageCapture } from "../capture";
import type { Codecs, HostEncoder } from "../codecs";
import {
  type EncoderInput,
  releaseCommand,
  type SendOptions,
  type WorkerCommand,
  type WorkerEvent,
} from "../commands";
import { StreamHost } from "../host";
import type { HostEvents, HostPort } from "../open-host";
import type { EncoderSettings, WorkerEnvironment } from "../preparation";
import { StreamProxy } from "../proxy";
import type { StreamEvent } from "../stream-event";

export type Answer = "works" | "rejects" | "hangs";

export interface World {
  /** `throws`: workers cannot be had at all. */
  worker: Answer | "throws";
  page: Answer;
  capture: Answer;
  codecs: Answer;
  probe: "works" | "fails" | "hangs";
  source: Answer;
  sourceDelayMs: number;
  encoder: "works" | "fails" | "silent";
  flush: "works" | "hangs";
  recorder: "works" | "fails" | "silent" | "none";
}

export const FINE: World = {
  worker: "works",
  page: "works",
  capture: "works",
  codecs: "works",
  probe: "works",
  source: "works",
  sourceDelayMs: 0,
  encoder: "works",
  flush: "works",
  recorder: "works",
};

/** How often the fake encoders give a chunk. */
export const CHUNK_MS = 100;
const LINK_MS = 1;
const FLUSH_MS = 30;
const CHUNK_BYTES = 500;

const SETTINGS: EncoderSettings = {
  size: { width: 640, height: 480 },
  frameRate: 30,
  videoBitsPerSecond: 1_000_000,
  audioBitsPerSecond: 64_000,
  tier: "auto",
  cadence: { everyMs: CHUNK_MS },
};

/** A device's track, or a clone of it. */
export class FakeTrack extends EventTarget {
  readyState: MediaStreamTrackState = "live";
  muted = false;
  enabled = true;
  readonly kind: StreamKind;
  readonly #clones: FakeTrack[] = [];

  constructor(kind: StreamKind = "video") {
    super();
    this.kind = kind;
  }

  stop(): void {
    this.readyState = "ended";
  }

  clone(): FakeTrack {
    const clone = new FakeTrack(this.kind);
    clone.readyState = this.readyState;
    clone.muted = this.muted;
    this.#clones.push(clone);
    return clone;
  }

  /** The device is gone, from the track and from every clone of it. */
  end(): void {
    if (this.readyState === "ended") return;
    for (const track of [this, ...this.#clones]) track.readyState = "ended";
    this.dispatchEvent(new Event("ended"));
  }

  /** The system takes the device, or gives it back. */
  setHeld(isHeld: boolean): void {
    if (this.readyState === "ended" || this.muted === isHeld) return;
    for (const track of [this, ...this.#clones]) track.muted = isHeld;
    this.dispatchEvent(new Event(isHeld ? "mute" : "unmute"));
  }

  getSettings(): MediaTrackSettings {
    return { deviceId: `${this.kind}-1` };
  }

  async applyConstraints(): Promise<void> {}
}

class FakeWorker {
  isAlive = true;
  readonly host: StreamHost;
  readonly events: HostEvents;
  /** Commands that came while it was frozen. */
  readonly undelivered: WorkerCommand[] = [];
  /** What would have run in it meanwhile: a thread that goes on has its events before it. */
  readonly #waiting: (() => void)[] = [];
  #isFrozen = false;

  constructor(host: StreamHost, events: HostEvents) {
    this.host = host;
    this.events = events;
  }

  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  set isFrozen(isFrozen: boolean) {
    this.#isFrozen = isFrozen;
    if (isFrozen || !this.isAlive) return;
    for (const task of this.#waiting.splice(0)) this.run(task);
    for (const command of this.undelivered.splice(0)) this.host.handle(command);
  }

  /** A timer's or a socket's event: not while it is frozen, and never when it is gone. */
  run(task: () => void): void {
    if (this.#isFrozen) this.#waiting.push(task);
    else if (this.isAlive) task();
  }
}

/** Gives a chunk every `CHUNK_MS` for as long as its input lives. */
class FakeEncoder {
  isActive = true;
  readonly #ends: FakeWorkers;
  readonly #isMuch: () => boolean;
  readonly #name: SegmentInfo["encoder"]["name"];
  readonly #runs: () => boolean;
  #sink: ChunkSink | null = null;
  #hasSegment = false;
  chunks = 0;

  readonly #kind: StreamKind;

  constructor(
    ends: FakeWorkers,
    kind: StreamKind,
    name: SegmentInfo["encoder"]["name"],
    isMuch: () => boolean,
    runs = () => true,
  ) {
    this.#ends = ends;
    this.#kind = kind;
    this.#runs = runs;
    this.#name = name;
    this.#isMuch = isMuch;
  }

  start(sink: ChunkSink, firstBytes: () => void): void {
    this.#sink = sink;
    const tick = () => {
      if (!this.isActive) return;
      if (this.#isMuch()) {
        this.give();
        firstBytes();
      }
      this.#ends.time.after(CHUNK_MS, tick);
    };
    this.#ends.time.after(CHUNK_MS, tick);
  }

  give(): void {
    const now = this.#ends.time.now();
    if (!this.#hasSegment) {
      this.#sink?.segment({
        mimeType: "video/webm",
        startedAt: now,
        encoder: { name: this.#name, reason: "a test" },
      });
    }
    this.#hasSegment = true;
    this.chunks++;
    this.#ends.encodedAt = now;
    this.#ends.encodedAtOf[this.#kind] = now;
    this.#sink?.chunk({
      payload: new Uint8Array(CHUNK_BYTES).fill(this.chunks),
      capturedFrom: now - CHUNK_MS,
      capturedTo: now,
      keyFrame: true,
    });
  }

  giveLate(): void {
    const now = this.#ends.time.now();
    const payload = new Uint8Array(CHUNK_BYTES);
    this.#sink?.chunk({
      payload,
      capturedFrom: now - 2 * CHUNK_MS,
      capturedTo: now - CHUNK_MS,
      keyFrame: false,
    });
  }

  endSegment(): void {
    if (this.#hasSegment) this.#sink?.segmentEnd();
    this.#hasSegment = false;
  }

  stop(): void {
    this.endSegment();
    this.isActive = false;
  }

  /** Its last chunk takes a moment. */
  async flush(): Promise<void> {
    if (!this.isActive) return;
    const hadSegment = this.#hasSegment;
    this.isActive = false;
    await new Promise<void>((resolve) => {
      this.#ends.time.after(FLUSH_MS, resolve);
    });
    if (hadSegment && this.#hasSegment && this.#runs()) this.give();
    this.endSegment();
  }
}

/** A page's way to workers, and what runs in them. */
export abstract class FakeWorkers {
  readonly time: FakeClock;
  readonly world: World;
  readonly workers: FakeWorker[] = [];
  /** Clones of the camera that somebody holds. */
  readonly clones: FakeTrack[] = [];
  readonly encoders: FakeEncoder[] = [];
  /** `giveLate`: what a recorder still had of the segment before. */
  readonly recorders: { active: () => boolean; break: () => void; giveLate: () => void }[] = [];
  readonly commands: WorkerCommand[] = [];
  /** What no worker says any more, though it lives. */
  readonly unsaid = new Set<WorkerEvent["kind"]>();
  /** How long a busy worker leaves Stop in its queue. */
  finishDelayMs = 0;
  /** What encoders were asked for, bit/s. */
  readonly rates: number[] = [];
  readonly clock: Clock;
  encodedAt = 0;
  readonly encodedAtOf = { video: 0, audio: 0 };
  /** The page's ends of what encoders read. */
  openSources = 0;
  codecLoads = 0;

  constructor(time: FakeClock, world: Partial<World>) {
    this.time = time;
    this.world = { ...FINE, ...world };
    this.clock = { now: this.time.now, after: (delayMs, task) => this.time.after(delayMs, task) };
  }

  protected abstract openSocket(...args: Parameters<OpenSocket>): ReturnType<OpenSocket>;

  get liveClones(): number {
    return this.clones.filter(({ readyState }) => readyState === "live").length;
  }

  get activeRecorders(): number {
    return this.recorders.filter(({ active }) => active()).length;
  }

  get worker(): FakeWorker | undefined {
    return this.workers.at(-1);
  }

  kill(worker = this.worker): void {
    if (!worker) return;
    worker.isAlive = false;
    worker.host.close();
  }

  /** Lets `ms` pass, with every promise settled in between. */
  async pass(ms: number): Promise<void> {
    await settle();
    for (let left = ms; left > 0; left -= STEP_MS) {
      this.time.advanceSync(Math.min(STEP_MS, left));
      await settle();
    }
  }

  environment(): WorkerEnvironment {
    return {
      clock: this.clock,
      openWorker: (events) => {
        if (this.world.worker === "throws") throw new Error("worker-src does not allow it");
        return this.#openWorker(events);
      },
      openOnPage: (events) => this.#answer(this.world.page, () => this.#openHost(events, true)),
      loadCapture: () => this.#answer(this.world.capture, () => this.#capture()),
    };
  }

  #openWorker(events: HostEvents): HostPort {
    const { worker } = this.world;
    if (worker === "hangs") return { post: () => {}, close: () => {} };
    if (worker === "rejects") {
      this.time.after(LINK_MS, () => events.failed("404"));
      return { post: () => {}, close: () => {} };
    }
    const port = this.#openHost(events, false);
    this.time.after(LINK_MS, () => events.event({ kind: "loaded" }));
    return port;
  }

  #openHost(events: HostEvents, isOnPage: boolean): HostPort {
    let isOpen = true;
    let worker: FakeWorker | undefined;
    const deliver = (task: () => void) => {
      if (isOnPage) task();
      else this.time.after(LINK_MS, task);
    };
    const emit = (event: WorkerEvent) => {
      if (this.unsaid.has(event.kind) || (worker && !worker.isAlive)) return;
      deliver(() => isOpen && events.event(event));
    };
    const run = (task: () => void) => (worker ? worker.run(task) : task());
    const host = new StreamHost(
      {
        clock: { now: this.clock.now, after: (delayMs, task) => this.clock.after(delayMs, () => run(task)) },
        openSocket: (url, subprotocol, { open, text, closed }) =>
          this.openSocket(url, subprotocol, {
            open: () => run(open),
            text: (data) => run(() => text(data)),
            closed: (closeCode, reason) => run(() => closed(closeCode, reason)),
          }),
        openStorage: async () => diskStorage(new FakeDisk()),
        loadCodecs: () => {
          this.codecLoads++;
          return this.#answer(this.world.codecs, () =>
            this.#codecs(() => !worker || (worker.isAlive && !worker.isFrozen)),
          );
        },
      },
      emit,
    );
    const made = new FakeWorker(host, events);
    worker = made;
    if (!isOnPage) this.workers.push(made);
    return {
      post: (command) => {
        this.commands.push(command);
        const take = () => {
          if (!isOpen) releaseCommand(command);
          else if (made.isAlive && !made.isFrozen) host.handle(command);
          else made.undelivered.push(command);
        };
        if (command.kind === "finish" && this.finishDelayMs > 0) this.time.after(this.finishDelayMs, take);
        else deliver(take);
      },
      close: () => {
        if (!isOpen) return;
        isOpen = false;
        made.isAlive = false;
        // The system ends a worker with everything in it and on its way to it: its sockets, and its tracks.
        host.close();
        made.undelivered.splice(0).forEach(releaseCommand);
      },
    };
  }

  #capture(): PageCapture {
    return {
      hasRecorder: this.world.recorder !== "none",
      warmUp: async () => {},
      openSource: async ({ track, sound, post }) => {
        const { source, sourceDelayMs } = this.world;
        if (sourceDelayMs > 0) await this.#after(sourceDelayMs);
        if ((track as unknown as FakeTrack).readyState === "ended")
          throw new TypeError("Failed to construct 'MediaStreamTrackProcessor': Input track cannot be ended");
        if (sound?.state === "closed")
          throw new DOMException("The AudioContext is closed.", "InvalidStateError");
        const clone = (track as unknown as FakeTrack).clone();
        await this.#answer(source, () => {
          this.clones.push(clone);
          post({ from: "track", track: clone as unknown as MediaStreamTrack, details: {} });
        });
        // Safari: the clone is the worker's, and only the worker can end it.
        this.openSources++;
        let isOpen = true;
        const close = () => {
          if (isOpen) this.openSources--;
          isOpen = false;
        };
        return { takesTracks: false, close };
      },
      createRecorder: ({ kind, onFailure }) => this.#recorder(kind, onFailure),
    };
  }

  #recorder(kind: StreamKind, onFailure: (error: EncoderError) => void): StreamEncoder<MediaStreamTrack> {
    const state = { track: null as MediaStreamTrack | null };
    const encoder = new FakeEncoder(
      this,
      kind,
      "media-recorder",
      () =>
        state.track?.readyState === "live" &&
        !(kind === "video" && state.track.muted) &&
        this.world.recorder !== "silent",
    );
    encoder.isActive = false;
    this.recorders.push({
      active: () => encoder.isActive,
      giveLate: () => encoder.giveLate(),
      break: () => {
        encoder.stop();
        onFailure(new EncoderError(kind, "broken", "a test"));
      },
    });
    return {
      kind,
      name: "media-recorder",
      start: (track, sink) => {
        if (this.world.recorder === "fails")
          return Promise.reject(new EncoderError(kind, "no-bytes", "a test"));
        state.track = track;
        encoder.isActive = true;
        return new Promise((resolve) => encoder.start(sink, resolve));
      },
      newSegment: (track) => {
        encoder.endSegment();
        state.track = track ?? state.track;
      },
      setBitrate: (bitsPerSecond) => {
        this.rates.push(bitsPerSecond);
        return "needs-segment";
      },
      stop: async () => {
        const flushed = encoder.flush();
        if (this.world.flush === "hangs") await new Promise(() => {});
        await flushed;
      },
      stats: () => NO_STATS,
    };
  }

  /** @param runs whether the thread that they are on does. */
  #codecs(runs: () => boolean): Codecs {
    return {
      hasTrackProcessor: true,
      probe: async ({ stream }) => {
        if (this.world.probe === "hangs") await new Promise(() => {});
        if (this.world.probe === "fails") return { kind: "fails", reason: "a test" };
        return {
          kind: "works",
          choice: stream === "audio" ? "opus" : { codec: "avc", config: { codec: "avc1.64001F" } },
          reason: "a test",
        };
      },
      create: ({ stream }, onFailure) => this.#encoder(stream, runs, onFailure),
    };
  }

  #encoder(kind: StreamKind, runs: () => boolean, onFailure: (error: EncoderError) => void): HostEncoder {
    let track: FakeTrack | null = null;
    const take = (input: EncoderInput | undefined) => {
      if (!input) return;
      track?.stop();
      if ("from" in input && input.from === "track") track = input.track as unknown as FakeTrack;
    };
    const encoder = new FakeEncoder(
      this,
      kind,
      "webcodecs",
      () => runs() && track?.readyState === "live" && !track.muted && this.world.encoder === "works",
      runs,
    );
    this.encoders.push(encoder);
    return {
      start: (input, sink) => {
        take(input);
        return new Promise((resolve, reject) => {
          encoder.start(sink, resolve);
          if (this.world.encoder === "fails") {
            const fail = () => {
              const error = new EncoderError(kind, encoder.chunks > 0 ? "broken" : "no-bytes", "a test");
              encoder.stop();
              if (encoder.chunks > 0) onFailure(error);
              else reject(error);
            };
            this.time.after(3_000, fail);
          }
        });
      },
      newSegment: (input) => {
        take(input);
        encoder.endSegment();
      },
      release: () => track?.stop(),
      setDetails: () => {},
      setRate: ({ bitsPerSecond }) => this.rates.push(bitsPerSecond),
      stop: async () => {
        track?.stop();
        if (this.world.flush === "hangs") {
          encoder.isActive = false;
          await new Promise(() => {});
        }
        await encoder.flush();
      },
      stats: () => NO_STATS,
    };
  }

  #after(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.time.after(ms, resolve);
    });
  }

  async #answer<T>(how: Answer, give: () => T): Promise<T> {
    if (how === "hangs") await new Promise(() => {});
    if (how === "rejects") throw new TypeError("Failed to fetch dynamically imported module");
    return give();
  }
}

export class BothEnds extends FakeWorkers {
  readonly backend = new FakeBackend(this.time.now);
  readonly network = new FakeNetwork(this.time, this.backend);
  readonly events: StreamEvent[] = [];
  readonly proxy: StreamProxy;
  track = new FakeTrack();
  #restarts = 0;

  constructor(
    world: Partial<World> = {},
    settings: Partial<EncoderSettings> = {},
    kind: StreamKind = "video",
  ) {
    super(new FakeClock(), world);
    this.proxy = new StreamProxy({
      kind,
      settings: { ...SETTINGS, ...settings },
      sound: null,
      environment: this.environment(),
      onEvent: (event) => this.events.push(event),
    });
  }

  protected openSocket(...args: Parameters<OpenSocket>) {
    return this.network.openSocket(...args);
  }

  readonly send: SendOptions = {
    url: "wss://backend.test/ws/video",
    session: "11111111-2222-4333-8444-555555555555",
    stream: "video",
    userAgent: "a test",
    limits: DEFAULT_LIMITS.video,
  };

  start(): Promise<void> {
    return this.proxy.start(this.track as unknown as MediaStreamTrack, this.send);
  }

  /** As a person does it: lets go of the camera, and takes another one. */
  async flip(): Promise<{ clonesWhenAsked: number }> {
    await this.proxy.releaseTrack();
    const clonesWhenAsked = this.liveClones;
    this.track.stop();
    this.track = new FakeTrack();
    this.proxy.replaceTrack(this.track as unknown as MediaStreamTrack);
    return { clonesWhenAsked };
  }

  /** The newest state of delivery that was told. */
  get delivery(): string | undefined {
    return this.events.findLast((event) => event.kind === "report")?.status.delivery.kind;
  }

  /** How the stream ended, or undefined while it has not. */
  get end(): StreamEvent["kind"] | "ended" | "refused" | undefined {
    for (const event of this.events.toReversed()) {
      if (event.kind === "failed" || event.kind === "discarded" || event.kind === "unused") return event.kind;
      if (event.kind !== "report") continue;
      if (event.status.delivery.kind === "ended") return "ended";
      if (event.status.delivery.kind === "failed") return "refused";
    }
    return undefined;
  }

  /** Ranges of which the backend is said to have something else. Nothing here falsifies media. */
  get mismatches(): unknown[] {
    return this.events.flatMap((event) => {
      if (event.kind !== "report" || event.status.delivery.kind !== "ended") return [];
      return event.status.delivery.result.ranges.filter(({ state }) => state === "mismatch");
    });
  }

  /** Whether `task` has settled by itself within `ms`. */
  async settles(task: Promise<unknown>, ms: number): Promise<boolean> {
    let settled = false;
    const note = () => {
      settled = true;
    };
    task.then(note, note);
    await this.pass(ms);
    return settled;
  }

  /** The process is killed and another one starts. What it took and had not acknowledged, the other takes again. */
  restartBackend(): void {
    this.#restarts++;
    this.backend.restart();
    this.network.cut();
  }

  /** Each seq once, as a chunk or inside one gap; where not, which. */
  account(): { missing: number[]; repeated: number[] } {
    const seen = new Map<number, number>();
    const note = (seq: number) => seen.set(seq, (seen.get(seq) ?? 0) + 1);
    const newest = new Map(this.backend.taken.map(({ header, life }) => [header.seq, life]));
    for (const { header, life } of this.backend.taken) if (newest.get(header.seq) === life) note(header.seq);
    for (const { from, to } of this.backend.gaps) for (let seq = from; seq <= to; seq++) note(seq);
    const inGap = (seq: number) => this.backend.gaps.some(({ from, to }) => from <= seq && seq <= to);
    const last = Math.max(-1, ...seen.keys());
    const all = Array.from({ length: last + 1 }, (_, seq) => seq);
    return {
      missing: all.filter((seq) => !seen.has(seq)),
      repeated: all.filter((seq) => (seen.get(seq) ?? 0) > (this.#restarts > 0 && inGap(seq) ? 2 : 1)),
    };
  }
}

const STEP_MS = 20;
const NO_STATS = { segments: 0, chunks: 0, bytes: 0, droppedFrames: 0, emptyChunks: 0, lostChunks: 0 };

/** Every promise that can settle without time passing has. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
