/**
 * A phone with a page: two cameras of which one can be open at a time, a microphone, a person who answers the browser's
 * question late or never, and workers that stream for as long as they get a picture. All of the page that holds devices
 * is the product's.
 */

import {
  acquire,
  type DeviceEnvironment,
  devicesUntil,
  flipCamera,
  InputMonitor,
  openTrack,
  type PermissionStates,
  watchVisibility,
} from "../../capture/devices";
import type { StreamEncoder } from "../../capture/encode";
import { domError, FakeTrack, fakeStream } from "../../capture/testing/fake-media";
import { FakePage } from "../../capture/testing/fake-page";
import type { VideoCodecChoice } from "../../capture/video";
import type { Device } from "../../model/device";
import type { StreamKind } from "../../model/stream";
import { FakeClock } from "../../testing/fake-clock";
import type { SenderStatus } from "../../transport";
import type { HostEvents, HostPort, WorkerCommand, WorkerEnvironment } from "../../worker";
import { backendAddress } from "../backend-address";
import type { DeviceAccess } from "../device-access";
import { SessionController } from "../session";
import { noTokens } from "../tokens";

type Source = "front" | "back" | "microphone";

/** A track of this phone; a clone keeps its device open as the track does. */
export class PhoneTrack extends FakeTrack {
  readonly source: Source;
  readonly #phone: Phone;

  constructor(phone: Phone, source: Source) {
    super(source === "microphone" ? "audio" : "video", source);
    this.source = source;
    this.#phone = phone;
    this.settings = {
      deviceId: source,
      ...(source !== "microphone" && { facingMode: source === "front" ? "user" : "environment" }),
    };
    phone.tracks.push(this);
  }

  clone(): PhoneTrack {
    const clone = new PhoneTrack(this.#phone, this.source);
    clone.readyState = this.readyState;
    return clone;
  }
}

const REPORT_MS = 1_000;
const NO_RECORD = {
  resumeFrom: 0,
  nextSegment: 0,
  ranges: [],
  lastRangeIsOpen: false,
  gaps: [],
  chunks: 0,
  bytes: 0,
};

/** A worker that streams what its track gives. */
class PhoneWorker implements HostPort {
  readonly #events: HostEvents;
  readonly #phone: Phone;
  #kind: StreamKind | null = null;
  #isOver = false;
  /** Of the camera, which the worker reads itself. */
  input: PhoneTrack | null = null;

  constructor(phone: Phone, events: HostEvents) {
    this.#phone = phone;
    this.#events = events;
    queueMicrotask(() => events.event({ kind: "loaded" }));
    this.#tick();
  }

  post(command: WorkerCommand): void {
    switch (command.kind) {
      case "start":
        this.#kind = command.options.url.endsWith("video") ? "video" : "audio";
        return;
      case "probe":
        this.#events.event({
          kind: "probed",
          result: { kind: "works", choice: {} as VideoCodecChoice, reason: "a test" },
          hasTrackProcessor: true,
        });
        return;
      case "encode":
      case "encode-segment":
        if (command.input && "from" in command.input && command.input.from === "track") {
          this.input?.stop();
          this.input = command.input.track as unknown as PhoneTrack;
        }
        return;
      case "release":
        // It takes its time, as a worker does.
        this.#phone.clock.after(20, () => {
          this.input?.stop();
          this.#events.event({ kind: "released" });
        });
        return;
      case "finish":
        this.input?.stop();
        this.#events.event({ kind: "flushed" });
        this.#report({
          kind: "ended",
          result: { type: "ended", chunks: 0, bytes: 0, gaps: [], verified: true, ranges: [] },
        });
        this.#isOver = true;
        return;
      case "encode-abort":
      case "abandon":
        this.input?.stop();
        return;
    }
  }

  close(): void {
    // The system ends its tracks with a worker.
    this.input?.stop();
    this.#isOver = true;
  }

  #tick(): void {
    this.#phone.clock.after(REPORT_MS, () => {
      if (this.#isOver) return;
      this.#events.event({ kind: "alive" });
      const recorded = this.#phone.recorders.findLast(({ kind }) => kind === this.#kind)?.track;
      const source = this.input ?? recorded;
      if (this.#kind && source?.readyState === "live" && !this.#phone.isStill.has(source.source)) {
        if (this.input) this.#events.event({ kind: "encoding" });
        this.#producedTo = this.#phone.clock.now();
        this.#chunks++;
      }
      if (this.#kind) this.#report({ kind: "live" });
      this.#tick();
    });
  }

  #producedTo: number | null = null;
  #chunks = 0;

  #report(delivery: SenderStatus["delivery"]): void {
    const status = { ...QUIET, delivery, producedTo: this.#producedTo, chunks: this.#chunks };
    this.#events.event({ kind: "report", status, record: NO_RECORD, droppedFrames: 0 });
  }
}

const QUIET: SenderStatus = {
  delivery: { kind: "live" },
  finishing: false,
  storage: "none",
  producedTo: null,
  chunks: 0,
  bytes: 0,
  bytesPerSecond: 0,
  keptChunks: 0,
  keptBytes: 0,
  keptMs: 0,
  behindMs: 0,
  rttMs: 20,
  offsetMs: 0,
  delays: null,
  path: { openForMs: 0, wayMs: 0, lateMs: 0, silentMs: 0, ackedBytes: 0, producedBytes: 0, keptBytes: 0 },
  gaps: [],
  reconnects: 0,
  viewers: 0,
};

class PhoneRecorder implements StreamEncoder<MediaStreamTrack> {
  readonly name = "media-recorder";
  readonly kind: StreamKind;
  track: PhoneTrack | null = null;
  constructor(kind: StreamKind) {
    this.kind = kind;
  }
  async start(track: MediaStreamTrack): Promise<void> {
    this.track = track as unknown as PhoneTrack;
  }
  newSegment(track?: MediaStreamTrack): void {
    if (track && this.track) this.track = track as unknown as PhoneTrack;
  }
  setBitrate() {
    return "applied" as const;
  }
  async stop(): Promise<void> {
    this.track = null;
  }
  stats() {
    return { segments: 0, chunks: 0, bytes: 0, droppedFrames: 0, emptyChunks: 0, lostChunks: 0 };
  }
}

export interface PhoneOptions {
  /** From a request to its answer. */
  readonly openMs: number;
  /** For the tokens of a session. */
  readonly tokensMs: number;
}

export class Phone {
  readonly clock = new FakeClock();
  readonly page = new FakePage();
  /** Every track and clone that there ever was. */
  readonly tracks: PhoneTrack[] = [];
  readonly workers: PhoneWorker[] = [];
  readonly recorders: PhoneRecorder[] = [];
  readonly isDenied = new Set<Device>();
  /** Devices that another app has. */
  readonly isTaken = new Set<Source>();
  /** Devices that are open and give nothing. */
  readonly isStill = new Set<Source>();
  /** Requests that the person has not answered. */
  isUnanswered = false;
  readonly #questions: (() => void)[] = [];
  /** Requests that are under way, by kind, without those that asked before there was any device. */
  readonly underWay = { video: 0, audio: 0 };
  /** The most tracks and clones of a camera that were open when one was asked for. */
  openWhenAsked = 0;
  requests = 0;
  readonly session: SessionController;
  readonly #options: PhoneOptions;
  #isDisposed = false;
  #onPermission: (states: PermissionStates, changed: Device | null) => void = () => {};

  constructor(options: PhoneOptions = { openMs: 0, tokensMs: 0 }) {
    this.#options = options;
    this.session = new SessionController({
      backend: backendAddress("https://backend.test", "https://page.test/"),
      checkBackend: async () => "answers",
      userAgent: "test",
      devices: this.#access(),
      workers: this.#workers(),
      tier: "auto",
      now: this.clock.now,
      newSessionId: () => "session",
      connect: () => () => {
        this.#isDisposed = true;
      },
      fetchTokens: async (session) => {
        await this.#wait(this.#options.tokensMs);
        return noTokens(session);
      },
    });
    this.session.watchPermissions();
  }

  /** Live tracks and clones, by device. */
  open(kind: StreamKind): PhoneTrack[] {
    return this.tracks.filter((track) => track.kind === kind && track.readyState === "live");
  }

  /** Whatever captures for a stream: a worker's own track, or a recorder. */
  get capturing(): number {
    const read = this.workers.filter(({ input }) => input?.readyState === "live").length;
    return read + this.recorders.filter(({ track }) => track !== null).length;
  }

  /** The system, a cable or another app ends the device. */
  lose(kind: StreamKind): void {
    for (const track of this.open(kind)) track.end();
  }

  setPermission(device: Device, state: "granted" | "denied"): void {
    if (state === "denied") this.isDenied.add(device);
    else this.isDenied.delete(device);
    const of = (one: Device) => (this.isDenied.has(one) ? "denied" : "granted");
    this.#onPermission({ camera: of("camera"), microphone: of("microphone") }, device);
  }

  /** The person answers what the browser asks. */
  answer(): void {
    this.isUnanswered = false;
    for (const answer of this.#questions.splice(0)) answer();
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.clock.after(ms, resolve);
    });
  }

  async #getUserMedia({ video, audio }: MediaStreamConstraints = {}): Promise<MediaStream> {
    this.requests++;
    const kinds: StreamKind[] = [...(video ? ["video" as const] : []), ...(audio ? ["audio" as const] : [])];
    // A question of the browser that the person passed over cannot be taken back, whatever another one gave meanwhile.
    const isCounted = this.session.phase.get().kind !== "permission";
    if (isCounted) for (const kind of kinds) this.underWay[kind]++;
    if (video) this.openWhenAsked = Math.max(this.openWhenAsked, this.open("video").length);
    try {
      if (this.isUnanswered) await new Promise<void>((resolve) => this.#questions.push(resolve));
      await this.#wait(this.#options.openMs);
      for (const [kind, device] of [
        ["video", "camera"],
        ["audio", "microphone"],
      ] as const) {
        if (kinds.includes(kind) && this.isDenied.has(device))
          throw domError("NotAllowedError", "Permission denied");
      }
      const made: PhoneTrack[] = [];
      if (video) {
        const source = cameraOf(video);
        const isHeld = this.open("video").some((track) => track.source !== source);
        if (isHeld || this.isTaken.has(source))
          throw domError("NotReadableError", "Could not start video source");
        made.push(new PhoneTrack(this, source));
      }
      if (audio) {
        if (this.isTaken.has("microphone")) {
          for (const track of made) track.stop();
          throw domError("NotReadableError", "Could not start audio source");
        }
        made.push(new PhoneTrack(this, "microphone"));
      }
      return fakeStream(...made);
    } finally {
      if (isCounted) for (const kind of kinds) this.underWay[kind]--;
    }
  }

  #access(): DeviceAccess {
    const devices: DeviceEnvironment = {
      mediaDevices: {
        getUserMedia: (asked) => this.#getUserMedia(asked),
        enumerateDevices: async () =>
          (["front", "back"] as const).map(
            (deviceId) => ({ kind: "videoinput", deviceId, label: deviceId }) as MediaDeviceInfo,
          ),
      },
      queryPermission: async (device) => (this.isDenied.has(device) ? "denied" : "granted"),
      navigator: { userAgent: "" },
      isSecureContext: true,
      hasEncoder: true,
      clock: this.clock,
    };
    const environment = devicesUntil(devices, () => this.#isDisposed);
    return {
      acquire: (options) => acquire(options, environment),
      open: (device, constraints) => openTrack(device, constraints, environment),
      flip: (track, size) => flipCamera(track, size, environment),
      wouldAsk: async () => this.isUnanswered,
      openSound: () => null,
      previewOf: (track) => fakeStream(track as unknown as FakeTrack),
      watch: () => () => {},
      watchPermissions: (onChange) => {
        this.#onPermission = onChange;
        return () => {};
      },
      watchVisibility: (onChange) => watchVisibility(onChange, this.page),
      monitor: (options) =>
        new InputMonitor({
          ...options,
          clock: this.clock,
          page: this.page,
          mediaDevices: this.page.mediaDevices,
        }),
      watchPicture: () => () => {},
      keepScreenOn: () => () => {},
      wereGiven: { get: () => false, note: () => {} },
    };
  }

  #workers(): WorkerEnvironment {
    return {
      clock: this.clock,
      openWorker: (events) => {
        const worker = new PhoneWorker(this, events);
        this.workers.push(worker);
        return worker;
      },
      openOnPage: () => Promise.reject(new Error("The worker loads.")),
      loadCapture: async () => ({
        hasRecorder: true,
        warmUp: async () => {},
        createRecorder: ({ kind }) => {
          const recorder = new PhoneRecorder(kind);
          this.recorders.push(recorder);
          return recorder;
        },
        openSource: async ({ track, post }) => {
          const clone = (track as unknown as PhoneTrack).clone();
          post({ from: "track", track: clone.asTrack, details: {} });
          return { takesTracks: false, close: () => {} };
        },
      }),
    };
  }
}

/** The camera that an engine takes for these constraints. */
function cameraOf(asked: boolean | MediaTrackConstraints): Source {
  const { deviceId, facingMode } = asked === true || asked === false ? {} : asked;
  const value = (wish: unknown) => {
    const { exact, ideal } = (wish ?? {}) as { exact?: string; ideal?: string };
    return exact ?? ideal;
  };
  const id = value(deviceId);
  if (id === "front" || id === "back") return id;
  return value(facingMode) === "environment" ? "back" : "front";
}
