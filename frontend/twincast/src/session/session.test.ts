import { describe, expect, it, vi } from "vitest";
import type { ChunkSink } from "../capture";
import type { AcquireResult } from "../capture/devices";
import { EncoderError, type StreamEncoder } from "../capture/encode";
import type { BackendFinding } from "../model/backend";
import type { CaptureError } from "../model/permission";
import type { StreamKind } from "../model/stream";
import { FakeClock, settle } from "../testing/fake-clock";
import type { SenderStatus } from "../transport";
import type { HostEvents, HostPort, ProbeRequest, WorkerCommand, WorkerEvent } from "../worker";
import { backendAddress } from "./backend-address";
import type { DeviceAccess, Monitor } from "./device-access";
import type { SessionEvent } from "./events";
import { SessionController } from "./session";
import { FIRST_MEDIA_MS } from "./session-devices";
import { type FetchTokens, type IssuedTokens, noTokens } from "./tokens";

/** A worker that notes what it is told and reports what a test says. */
class FakeLink implements HostPort {
  readonly commands: WorkerCommand["kind"][] = [];
  readonly probed: ProbeRequest[] = [];
  sessionId = "";
  token: string | undefined;
  url = "";
  disposed = false;
  readonly emit: (event: WorkerEvent) => void;
  readonly fail: (detail: string) => void;
  constructor({ event, failed }: HostEvents) {
    this.emit = event;
    this.fail = failed;
  }
  post(command: WorkerCommand): void {
    this.commands.push(command.kind);
    if (command.kind === "finish") this.emit({ kind: "flushed" });
    if (command.kind === "probe") {
      this.probed.push(command.request);
      this.emit({ kind: "probed", result: { kind: "fails", reason: "a test" }, hasTrackProcessor: false });
    }
    if (command.kind !== "start") return;
    this.sessionId = command.options.session;
    this.url = command.options.url;
    this.token = command.options.token;
  }
  close(): void {
    this.disposed = true;
  }
  report(status: Partial<SenderStatus>): void {
    this.emit({ kind: "report", status: { ...QUIET, ...status }, record: NO_RECORD, droppedFrames: 0 });
  }
}

const QUIET: SenderStatus = {
  delivery: { kind: "live" },
  finishing: false,
  storage: "none",
  producedTo: null,
  chunks: 5,
  bytes: 500,
  bytesPerSecond: 0,
  keptChunks: 0,
  keptBytes: 0,
  keptMs: 0,
  behindMs: 0,
  rttMs: 20,
  offsetMs: 0,
  delays: null,
  path: {
    openForMs: 60_000,
    wayMs: 120,
    lateMs: 0,
    silentMs: 0,
    ackedBytes: 0,
    producedBytes: 0,
    keptBytes: 0,
  },
  gaps: [],
  reconnects: 0,
  viewers: 0,
};

const NO_RECORD = {
  resumeFrom: 0,
  nextSegment: 0,
  ranges: [],
  lastRangeIsOpen: false,
  gaps: [],
  chunks: 0,
  bytes: 0,
};

const ENDED: Partial<SenderStatus> = {
  delivery: {
    kind: "ended",
    result: { type: "ended", chunks: 5, bytes: 500, gaps: [], verified: true, ranges: [] },
  },
  chunks: 5,
  bytes: 500,
};

class FakeEncoder implements StreamEncoder<MediaStreamTrack> {
  readonly name = "media-recorder";
  readonly kind: StreamKind;
  newSegments = 0;
  tracks: MediaStreamTrack[] = [];
  stopped = false;
  isStarted = false;
  readonly #startError: EncoderError | undefined;
  constructor(kind: StreamKind, startError?: EncoderError) {
    this.kind = kind;
    this.#startError = startError;
  }
  async start(_track: MediaStreamTrack, sink: ChunkSink): Promise<void> {
    if (this.#startError) throw this.#startError;
    this.isStarted = true;
    sink.segment({
      mimeType: `${this.kind}/webm`,
      startedAt: 0,
      encoder: { name: "media-recorder", reason: "a test" },
    });
  }
  newSegment(track?: MediaStreamTrack): void {
    this.newSegments++;
    if (track) this.tracks.push(track);
  }
  setBitrate() {
    return "applied" as const;
  }
  async stop(): Promise<void> {
    this.stopped = true;
  }
  stats() {
    return { segments: 1, chunks: 1, bytes: 1, droppedFrames: 0, emptyChunks: 0, lostChunks: 0 };
  }
}

function track(kind: StreamKind, facingMode = "user"): MediaStreamTrack {
  return {
    kind,
    enabled: true,
    getSettings: () => ({ facingMode, deviceId: `${kind}-${facingMode}` }),
    applyConstraints: async () => {},
    stop: () => {},
  } as unknown as MediaStreamTrack;
}

type MonitorOptions = Parameters<DeviceAccess["monitor"]>[0];

/** A monitor that a test speaks for. */
class FakeMonitor implements Monitor {
  readonly options: MonitorOptions;
  readonly media: (number | undefined)[] = [];
  retries = 0;
  /** Whether it watches for media no more. */
  closed = false;
  track: MediaStreamTrack | null;
  readonly permissions: PermissionState[] = [];
  constructor(options: MonitorOptions) {
    this.options = options;
    this.track = options.track;
  }
  noteMedia(capturedTo?: number): void {
    this.media.push(capturedTo);
  }
  retry(): void {
    this.retries++;
  }
  async change(open: Parameters<Monitor["change"]>[0]) {
    this.options.onState({ kind: "flipping" });
    const result = await open();
    if (result.kind === "granted") {
      this.track = result.track;
      this.options.onState({ kind: "live" });
      this.options.onTrack(result.track);
    }
    return result;
  }
  readonly expects: boolean[] = [];
  firstWithinMs: number | undefined;
  expectMedia(isExpected: boolean, firstWithinMs?: number): void {
    this.firstWithinMs = firstWithinMs;
    this.expects.push(isExpected);
    this.closed = !isExpected;
  }
  permissionChanged(state: PermissionState): void {
    this.permissions.push(state);
  }
  rest(): void {}
  setSound(): void {}
  close(): void {
    this.closed = true;
  }
}

/** What is told of a session until it is over; changes of a stream only where they are bad news. */
function hear(session: SessionController): SessionEvent[] {
  const told: SessionEvent[] = [];
  session.events.subscribe((event) => {
    if (event.kind === "over") told.length = 0;
    else if (event.kind !== "stream-changed" || BAD_NEWS.has(event.after.kind)) told.push(event);
  });
  return told;
}

const BAD_NEWS: ReadonlySet<string> = new Set(["failed", "reconnecting", "offline", "restarting"]);

function page({
  kinds = ["video", "audio"] as StreamKind[],
  broken = [] as StreamKind[],
  answer = undefined as { readonly current: AcquireResult | undefined } | undefined,
  fetchTokens = noTokens as FetchTokens,
  flip = (async () => ({ kind: "flipped", track: track("video", "environment") })) as DeviceAccess["flip"],
  obstacle = null as CaptureError | null,
  checkBackend = async (): Promise<BackendFinding> => "answers",
  wereGiven = false,
} = {}) {
  const permissions: { change: Parameters<DeviceAccess["watchPermissions"]>[0] } = { change: () => {} };
  const links: FakeLink[] = [];
  const encoders: FakeEncoder[] = [];
  const monitors: FakeMonitor[] = [];
  /** What the encoders were asked for while they were prepared. */
  const presets = {
    get all() {
      return links.flatMap(({ probed }) => probed.map(({ bitsPerSecond }) => bitsPerSecond));
    },
    at: (index: number) => presets.all.at(index),
    get length() {
      return presets.all.length;
    },
  };
  const turned: { current?: ((details: { width: number; height: number }) => void) | undefined } = {};
  const failures = new Map<StreamKind, (error: EncoderError) => void>();
  const tracks = kinds.map((kind) => track(kind));
  const stream = {
    getVideoTracks: () => tracks.filter(({ kind }) => kind === "video"),
    getAudioTracks: () => tracks.filter(({ kind }) => kind === "audio"),
    getTracks: () => tracks,
  } as unknown as MediaStream;
  const clock = new FakeClock();
  let now = 1_000;
  let sessions = 0;
  const session = new SessionController({
    backend: backendAddress("https://backend.test", "https://page.test/"),
    checkBackend,
    obstacle,
    userAgent: "test",
    devices: {
      acquire: async () => answer?.current ?? { kind: "granted", stream },
      open: async (device) => ({
        kind: "granted",
        track: track(device === "camera" ? "video" : "audio", "environment"),
      }),
      flip,
      openSound: () => null,
      previewOf: () => stream,
      watch: () => () => {},
      watchPicture: ({ onChange }) => {
        turned.current = onChange;
        return () => {
          turned.current = undefined;
        };
      },
      monitor: (options) => {
        const monitor = new FakeMonitor(options);
        monitors.push(monitor);
        return monitor;
      },
      wouldAsk: async () => false,
      watchPermissions: (onChange) => {
        permissions.change = onChange;
        return () => {};
      },
      watchVisibility: () => () => {},
      wereGiven: { get: () => wereGiven, note: () => {} },
      keepScreenOn: (onState) => {
        onState("held");
        return () => onState("off");
      },
    },
    workers: {
      clock,
      openWorker: (events) => {
        const link = new FakeLink(events);
        links.push(link);
        queueMicrotask(() => events.event({ kind: "loaded" }));
        return link;
      },
      openOnPage: () => Promise.reject(new Error("The worker loads.")),
      loadCapture: async () => ({
        hasRecorder: true,
        warmUp: async () => {},
        openSource: () => Promise.reject(new Error("The recorder is asked for.")),
        createRecorder: ({ kind, onFailure }) => {
          failures.set(kind, onFailure);
          const error = broken.includes(kind) ? new EncoderError(kind, "no-bytes", "silence") : undefined;
          const encoder = new FakeEncoder(kind, error);
          encoders.push(encoder);
          return encoder;
        },
      }),
    },
    tier: "auto",
    now: () => now,
    newSessionId: () => `session-${++sessions}`,
    fetchTokens,
  });
  const told = hear(session);
  return {
    session,
    told,
    clock,
    links,
    encoders,
    monitors,
    presets,
    turned,
    failures,
    permissions,
    tracks,
    wait: (ms: number) => {
      now += ms;
    },
  };
}

async function live(options?: Parameters<typeof page>[0]) {
  const setting = page(options);
  await setting.session.ask();
  await setting.session.start();
  return setting;
}

describe("permission", () => {
  it("says why there are no devices, and asks again on demand", async () => {
    const { session } = page({
      answer: { current: { kind: "refused", error: { kind: "dismissed" } } },
    });
    expect(session.phase.get()).toEqual({ kind: "permission", state: { kind: "before-asking" } });
    const asking = session.ask();
    expect(session.phase.get()).toEqual({ kind: "permission", state: { kind: "asking" } });
    await asking;
    expect(session.phase.get()).toEqual({ kind: "permission", state: { kind: "dismissed" } });
  });

  it("says on arrival what no answer could change", () => {
    const obstacle = { kind: "insecure-address" } as const;
    expect(page({ obstacle }).session.phase.get()).toEqual({ kind: "permission", state: obstacle });
  });

  it("goes on with the one device that there is", async () => {
    const { session, links } = await live({ kinds: ["audio"] });
    expect(session.video.status.get()).toEqual({ kind: "absent" });
    expect(links.map(({ url }) => url)).toEqual(["wss://backend.test/ws/audio"]);
  });
});

describe("the browser's settings", () => {
  const BOTH = { camera: "granted", microphone: "granted" } as const;

  it("spare who allowed both to this page before the button", async () => {
    const { session, permissions } = page({ wereGiven: true });
    session.watchPermissions();
    permissions.change(BOTH, null);
    await vi.waitFor(() => expect(session.phase.get().kind).toBe("ready"));
  });

  it("open nothing by themselves on a first visit", () => {
    const { session, permissions } = page();
    session.watchPermissions();
    permissions.change(BOTH, null);
    expect(session.phase.get()).toEqual({ kind: "permission", state: { kind: "before-asking" } });
  });

  it("open nothing while the browser would ask", () => {
    const { session, permissions } = page({ wereGiven: true });
    session.watchPermissions();
    permissions.change({ camera: "granted", microphone: "prompt" }, null);
    expect(session.phase.get()).toEqual({ kind: "permission", state: { kind: "before-asking" } });
  });

  it("are heeded as soon as they are changed in the page menu", async () => {
    const answer: { current: AcquireResult | undefined } = {
      current: { kind: "refused", error: { kind: "denied", device: "both" } },
    };
    const { session, permissions } = page({ answer });
    session.watchPermissions();
    await session.ask();
    expect(session.phase.get()).toMatchObject({ state: { kind: "denied" } });
    permissions.change({ camera: "prompt", microphone: "prompt" }, "camera");
    expect(session.phase.get()).toMatchObject({ state: { kind: "before-asking" } });
    answer.current = undefined;
    permissions.change({ camera: "granted", microphone: "denied" }, "camera");
    await vi.waitFor(() => expect(session.phase.get().kind).toBe("ready"));
  });

  it("are told to the device that they are of, when they change in a session", async () => {
    const { session, permissions, monitors } = page();
    session.watchPermissions();
    await session.ask();
    permissions.change({ camera: "denied", microphone: "granted" }, "camera");
    expect(monitors.map((monitor) => monitor.permissions)).toEqual([["denied"], []]);
  });
});

describe("a session", () => {
  it("opens two streams with one id, each on its own link", async () => {
    const { session, links } = await live();
    expect(session.phase.get().kind).toBe("live");
    expect(links.map(({ url }) => url)).toEqual([
      "wss://backend.test/ws/video",
      "wss://backend.test/ws/audio",
    ]);
    expect(new Set(links.map(({ sessionId }) => sessionId))).toEqual(new Set(["session-1"]));
  });

  it("gives each stream its own token", async () => {
    const { links } = await live({
      fetchTokens: async () => ({ tokens: { video: "v", audio: "a" }, lifetimeMs: null }),
    });
    expect(links.map(({ token }) => token)).toEqual(["v", "a"]);
  });

  it("says so and stays ready when no token is to be had", async () => {
    const fetchTokens = async () => {
      throw new Error("The backend does not answer.");
    };
    const { session, told, links } = await live({ fetchTokens });
    expect(session.phase.get().kind).toBe("ready");
    expect(links.every(({ commands }) => !commands.includes("start"))).toBe(true);
    expect(told).toEqual([{ kind: "not-permitted", message: "The backend does not answer." }]);
  });

  it("keeps one kind streaming when the other cannot be encoded", async () => {
    const { session } = await live({ broken: ["video"] });
    expect(session.phase.get().kind).toBe("live");
    expect(session.video.status.get()).toMatchObject({ kind: "failed", code: "no-bytes" });
    expect(session.audio.status.get().kind).toBe("connecting");
  });

  it("is ready again when neither kind can be encoded", async () => {
    const { session } = await live({ broken: ["video", "audio"] });
    expect(session.phase.get().kind).toBe("ready");
  });

  it("keeps audio going when the video encoder breaks off", async () => {
    const { session, failures, links } = await live();
    failures.get("video")?.(new EncoderError("video", "broken", "gone"));
    expect(session.video.status.get()).toMatchObject({ kind: "failed", code: "broken" });
    expect(links[1]?.disposed).toBe(false);
  });

  it("delivers what was recorded before an encoder broke, and ends only then", async () => {
    const { session, failures, links, monitors } = await live();
    links[0]?.emit({
      kind: "numbered",
      seq: 0,
      firstSeq: 0,
      segment: 0,
      capturedFrom: 0,
      capturedTo: 100,
      bytes: 300,
    });
    failures.get("video")?.(new EncoderError("video", "broken", "gone"));
    expect(session.video.status.get()).toMatchObject({ kind: "failed", code: "broken" });
    expect(monitors.map(({ closed }) => closed)).toEqual([true, false]);
    await session.stop();
    links[1]?.report(ENDED);
    expect(links[0]?.commands.at(-1)).toBe("finish");
    expect(session.phase.get().kind).toBe("finishing");
    links[0]?.report(ENDED);
    expect(session.phase.get().kind).toBe("ended");
    expect(session.video.status.get()).toMatchObject({ kind: "failed", code: "broken" });
  });

  it("starts again after neither kind could be encoded", async () => {
    const broken: StreamKind[] = ["video", "audio"];
    const { session, links } = await live({ broken });
    expect(session.phase.get().kind).toBe("ready");
    broken.length = 0;
    await session.start();
    expect(session.phase.get().kind).toBe("live");
    expect(links.map(({ disposed }) => disposed)).toEqual([true, true, false, false]);
  });

  it("shows that a worker was lost, and can be stopped and discarded meanwhile", async () => {
    const { session, links } = await live();
    links[0]?.fail("gone");
    expect(session.video.status.get()).toEqual({ kind: "restarting", attempt: 1 });
    expect(session.audio.status.get().kind).not.toBe("restarting");
    void session.stop();
    expect(session.phase.get().kind).toBe("finishing");
    session.discard();
    expect(session.phase.get().kind).toBe("ended");
  });

  it("takes no figures from a stream that the backend refused, and does not fight its device", async () => {
    const { session, links, monitors } = await live();
    links[0]?.report({ bytesPerSecond: 6_400, keptBytes: 900 });
    links[0]?.report({
      delivery: { kind: "failed", code: "sink-failed", message: "" },
      bytesPerSecond: 6_400,
    });
    expect(session.video.rateKBps.value.get()).toBe(0);
    expect(session.video.keptBytes.get()).toBe(0);
    expect(monitors.map(({ closed }) => closed)).toEqual([true, false]);
  });

  it("ends the workers of a session with the next one", async () => {
    const { session, links } = await live();
    await session.stop();
    for (const link of links) link.report(ENDED);
    session.again();
    expect(links.map(({ disposed }) => disposed)).toEqual([true, true, false, false]);
  });

  it("opens a new segment when the transport wants one", async () => {
    const { links, encoders } = await live();
    links[0]?.emit({ kind: "segment-wanted", reason: "gap" });
    expect(encoders.map(({ newSegments }) => newSegments)).toEqual([1, 0]);
  });

  it("mutes the track and tells the backend, without touching video", async () => {
    const { session, links, tracks } = await live();
    session.toggleMuted();
    expect(tracks.map(({ enabled }) => enabled)).toEqual([true, false]);
    expect(links[1]?.commands.at(-1)).toBe("muted");
    expect(links[0]?.commands).not.toContain("muted");
  });

  it("starts muted when the person muted before Start", async () => {
    const { session, links } = page();
    await session.ask();
    session.toggleMuted();
    await session.start();
    expect(links[1]?.commands).toContain("muted");
  });

  it("ends when both streams have ended, and keeps its length", async () => {
    const { session, links, encoders, wait } = await live();
    wait(5_000);
    await session.stop();
    expect(encoders.every(({ stopped }) => stopped)).toBe(true);
    expect(links.every(({ commands }) => commands.at(-1) === "finish")).toBe(true);
    links[0]?.report(ENDED);
    expect(session.phase.get().kind).toBe("finishing");
    links[1]?.report(ENDED);
    expect(session.phase.get()).toMatchObject({ kind: "ended", durationMs: 5_000 });
  });

  it("ends with what arrived when the person discards the rest", async () => {
    const { session, links } = await live();
    await session.stop();
    links[0]?.report(ENDED);
    session.discard();
    expect(links[0]?.commands).not.toContain("abandon");
    expect(links[1]?.commands.at(-1)).toBe("abandon");
    links[1]?.report({ delivery: { kind: "abandoned" }, keptBytes: 300 });
    expect(session.phase.get().kind).toBe("ended");
    expect(session.audio.status.get()).toEqual({ kind: "discarded", leftBytes: 300 });
  });

  it("starts no encoder any more when it is stopped before there was one", async () => {
    const { session, encoders, links } = page();
    await session.ask();
    const starting = session.start();
    await session.stop();
    await starting;
    expect(encoders.every(({ isStarted }) => !isStarted)).toBe(true);
    for (const link of links) link.report(ENDED);
    expect(session.phase.get().kind).toBe("ended");
  });

  it("that is cancelled while it waits for its tokens says and starts nothing later", async () => {
    const answers: ((fails: boolean) => void)[] = [];
    const { session, told, links } = page({
      fetchTokens: () =>
        new Promise((resolve, reject) => {
          answers.push((fails) =>
            fails
              ? reject(new Error("No."))
              : resolve({ tokens: { video: "v", audio: "a" }, lifetimeMs: null }),
          );
        }),
    });
    await session.ask();
    for (const fails of [true, false]) {
      void session.start();
      await session.stop();
      expect(session.phase.get().kind).toBe("ended");
      session.again();
      // The next one waits for its own.
      const next = session.start();
      answers.shift()?.(fails);
      await settle();
      expect(session.phase.get().kind).toBe("starting");
      expect(told).toEqual([]);
      expect(links.flatMap(({ commands }) => commands)).not.toContain("start");
      await session.stop();
      answers.shift()?.(true);
      await next;
      session.again();
      expect(told).toEqual([]);
    }
  });

  it("asks before the page is left only while media could be lost", async () => {
    const { session, links } = await live();
    expect(session.holdsMedia).toBe(true);
    await session.stop();
    expect(session.holdsMedia).toBe(true);
    for (const link of links) link.report(ENDED);
    expect(session.holdsMedia).toBe(false);
  });

  it("starts another one with fresh figures and another id", async () => {
    const { session, links } = await live();
    await session.stop();
    for (const link of links) link.report(ENDED);
    session.again();
    expect(session.phase.get().kind).toBe("ready");
    expect(session.video.chunks.get()).toBe(0);
    await session.start();
    expect(links.at(-1)?.sessionId).toBe("session-2");
  });
});

describe("looking for the backend", () => {
  it("believes the newest look, whichever answers last", async () => {
    const answers: ((finding: BackendFinding) => void)[] = [];
    const checkBackend = () => new Promise<BackendFinding>((resolve) => answers.push(resolve));
    const { session } = page({ checkBackend });
    const looks = [session.lookForBackend(), session.lookForBackend()];
    answers[1]?.("answers");
    answers[0]?.("silent");
    await Promise.all(looks);
    expect(session.backend.get()).toBe("answers");
  });
});

const NOTHING_YET = { chunks: 0, bytes: 0 };
const REFUSED: Partial<SenderStatus> = {
  ...NOTHING_YET,
  delivery: { kind: "failed", code: "wrong-origin", message: "not on the list" },
};

describe("what is said of a session", () => {
  it("is that it streams only when the backend has acknowledged something", async () => {
    const { session, told, links } = await live();
    for (const link of links) link.report(NOTHING_YET);
    expect(session.video.status.get()).toEqual({ kind: "connecting", attempt: 0 });
    expect(session.video.quality.get()).toBeNull();
    expect(session.arrival.get()).toBe("nothing-yet");
    expect(told).not.toContainEqual({ kind: "first-acknowledged" });
    links[1]?.report({ chunks: 1 });
    expect(session.arrival.get()).toBe("acknowledged");
    expect(told.filter(({ kind }) => kind === "first-acknowledged")).toHaveLength(1);
    expect(session.video.quality.get()).toBeNull();
    expect(session.audio.quality.get()?.level).toBe("excellent");
  });

  it("looks for the reason when nothing is acknowledged in time, until something is", async () => {
    let looks = 0;
    const checkBackend = async (): Promise<BackendFinding> => {
      looks++;
      return "no-live-connection";
    };
    const { session, clock, links } = await live({ checkBackend });
    const pass = async (ms: number) => {
      for (let left = ms; left > 0; left -= 500) {
        for (const link of links) link.emit({ kind: "alive" });
        await clock.advance(Math.min(500, left));
      }
    };
    await pass(4_900);
    expect(session.arrival.get()).toBe("nothing-yet");
    await pass(200);
    expect(session.arrival.get()).toBe("overdue");
    expect(session.backend.get()).toBe("no-live-connection");
    await pass(10_000);
    expect(looks).toBe(2);
    links[0]?.report({ chunks: 1 });
    expect(session.arrival.get()).toBe("acknowledged");
    expect(session.backend.get()).toBe("answers");
    await pass(60_000);
    expect(looks).toBe(2);
  });

  it("is not live where the device gives nothing", async () => {
    const { session, told, links, wait } = await live();
    links[0]?.report({ chunks: 8 });
    expect(session.video.status.get().kind).toBe("live");
    wait(3_100);
    links[0]?.report({ chunks: 8 });
    expect(session.video.status.get()).toEqual({ kind: "no-media" });
    expect(session.video.quality.get()).toBeNull();
    links[0]?.report({ chunks: 9 });
    expect(session.video.status.get().kind).toBe("live");
    expect(told).toEqual([{ kind: "first-acknowledged" }]);
  });

  it("is the end of it when nothing can save it, with the devices at rest", async () => {
    const { session, told, links, monitors, encoders, wait } = await live();
    wait(1_200);
    links[0]?.report(REFUSED);
    expect(session.phase.get().kind).toBe("live");
    links[1]?.report(REFUSED);
    expect(session.phase.get()).toEqual({ kind: "ended", durationMs: 1_200 });
    expect(monitors.every(({ closed }) => closed)).toBe(true);
    expect(session.devices.screen.get()).toBe("off");
    expect(told).toEqual([]);
    await Promise.resolve();
    expect(encoders.every(({ stopped }) => stopped)).toBe(true);
    session.again();
    expect(session.phase.get().kind).toBe("ready");
  });

  it("is the end of it when the only stream fails", async () => {
    const { session, links } = await live({ kinds: ["audio"] });
    links[0]?.report(REFUSED);
    expect(session.phase.get().kind).toBe("ended");
  });

  it("is nothing of the device of a stream that is over, nor of devices after Stop", async () => {
    const { session, told, links, monitors } = await live();
    links[0]?.report(REFUSED);
    monitors[0]?.options.onState({ kind: "interrupted", cause: "no-frames", needsTap: false });
    monitors[1]?.options.onState({ kind: "interrupted", cause: "no-audio", needsTap: false });
    await session.stop();
    expect(told).toMatchObject([
      { kind: "stream-changed", stream: "video", after: { kind: "failed" } },
      { kind: "device-changed", device: "microphone", after: { kind: "interrupted" } },
    ]);
    links[1]?.report(ENDED);
    expect(told).toEqual([]);
  });

  it("says how many watch a stream, and that nobody does while nothing arrives", async () => {
    const { session, links } = await live();
    links[0]?.report({ viewers: 2 });
    expect([session.video.viewers.get(), session.audio.viewers.get()]).toEqual([2, 0]);
    links[0]?.report({ viewers: 2, delivery: { kind: "reconnecting", attempt: 1, retryAtMs: null } });
    expect(session.video.viewers.get()).toBe(0);
  });

  it("has no figures of a session that is over", async () => {
    const { session, links } = await live();
    for (const link of links) link.report({ bytesPerSecond: 6_400 });
    await session.stop();
    for (const link of links) link.report({ ...ENDED, bytesPerSecond: 6_400 });
    expect(session.video.quality.get()).toBeNull();
    expect(session.video.rateKBps.value.get()).toBe(0);
    expect(session.video.roundTripMs.get()).toBeNull();
  });

  it("leaves nothing running when the page goes", async () => {
    const { session, links, encoders, monitors } = await live();
    session.close();
    expect(links.every(({ disposed }) => disposed)).toBe(true);
    expect(monitors.every(({ closed }) => closed)).toBe(true);
    expect(session.devices.media.get()).toBeNull();
    await Promise.resolve();
    expect(encoders.every(({ stopped }) => stopped)).toBe(true);
  });

  it("gives back the devices that come after the page has gone", async () => {
    const { session } = page();
    const asking = session.ask();
    session.close();
    await asking;
    expect(session.devices.media.get()).toBeNull();
    expect(session.phase.get().kind).toBe("permission");
  });
});

describe("devices", () => {
  it("flips the camera without touching audio", async () => {
    const { session, encoders, monitors } = await live();
    await session.devices.flip();
    expect(session.devices.media.get()?.facing).toBe("environment");
    expect(encoders.map(({ tracks }) => tracks.length)).toEqual([1, 0]);
    expect(monitors[0]?.track).toBe(session.devices.media.get()?.video);
    expect(session.phase.get().kind).toBe("live");
  });

  it("says so when the camera cannot be switched, and goes on with the former one", async () => {
    const flip: DeviceAccess["flip"] = async () => ({
      kind: "kept",
      track: track("video"),
      error: { kind: "in-use", device: "camera" },
    });
    const { session, told } = await live({ flip });
    await session.devices.flip();
    expect(told.at(-1)).toMatchObject({ kind: "device-kept", device: "camera", error: { kind: "in-use" } });
    expect(session.devices.camera.get()).toEqual({ kind: "live" });
  });

  it("lets a microphone that was missing be opened before Start, and streams it", async () => {
    const { session, monitors, links } = page({ kinds: ["video"] });
    await session.ask();
    expect(session.audio.status.get().kind).toBe("absent");
    session.devices.retry();
    expect(monitors.map(({ retries }) => retries)).toEqual([0, 1]);
    monitors[1]?.options.onTrack(track("audio"));
    expect(session.audio.status.get().kind).toBe("idle");
    await session.start();
    expect(links.filter(({ commands }) => commands.includes("start")).map(({ url }) => url)).toEqual([
      "wss://backend.test/ws/video",
      "wss://backend.test/ws/audio",
    ]);
  });

  it("opens a missing device not in the middle of a session", async () => {
    const { session, monitors } = await live({ kinds: ["video"] });
    session.devices.retry();
    expect(monitors.map(({ retries }) => retries)).toEqual([0, 0]);
  });

  it("expects nothing of a device while the tokens of its session are on their way", async () => {
    const issued = Promise.withResolvers<IssuedTokens>();
    const fetchTokens = () => issued.promise;
    const { session, monitors } = page({ fetchTokens });
    await session.ask();
    const starting = session.start();
    expect(monitors.map(({ expects }) => expects)).toEqual([[], []]);
    issued.resolve({ tokens: {}, lifetimeMs: null });
    await starting;
    expect(monitors.map(({ expects }) => expects)).toEqual([[true], [true]]);
    // An encoder may try one way after the other before its first bytes.
    expect(monitors.map(({ firstWithinMs }) => firstWithinMs)).toEqual([FIRST_MEDIA_MS, FIRST_MEDIA_MS]);
  });

  it("expects nothing of a device while its worker is being replaced", async () => {
    const { session, links, monitors } = await live();
    links[0]?.fail("gone");
    expect(session.video.status.get().kind).toBe("restarting");
    expect(monitors.map(({ expects }) => expects)).toEqual([[true, false], [true]]);
  });

  it("opens a new video segment when the phone is turned, while it runs", async () => {
    const { session, encoders, turned } = await live();
    turned.current?.({ width: 720, height: 1280 });
    expect(encoders.map(({ newSegments }) => newSegments)).toEqual([1, 0]);
    await session.stop();
    expect(turned.current).toBeUndefined();
  });

  it("goes on with another microphone in a new segment, still muted", async () => {
    const { session, encoders } = await live();
    session.toggleMuted();
    await session.chooseDevice("microphone", "audio-environment");
    const { audio } = session.devices.media.get() ?? {};
    expect(audio?.enabled).toBe(false);
    expect(encoders[1]?.tracks).toEqual([audio]);
  });

  it("watches the devices and keeps the screen on only while a session runs", async () => {
    const { session, monitors, links } = await live();
    expect(session.devices.screen.get()).toBe("held");
    await session.stop();
    for (const link of links) link.report(ENDED);
    expect(session.devices.screen.get()).toBe("off");
    expect(monitors.every(({ closed }) => closed)).toBe(true);
  });

  it("tells the watchdog of encoded media by what the encoder brought", async () => {
    const { links, monitors } = await live();
    links[0]?.report({ producedTo: 3_000 });
    links[0]?.report({ producedTo: 3_000 });
    expect(monitors.map(({ media }) => media)).toEqual([[3_000], []]);
  });

  it("says when a call takes the microphone and when it is back, and needs one tap where the browser does", async () => {
    const { session, told, monitors } = await live();
    const tell = monitors[1]?.options.onState;
    tell?.({ kind: "interrupted", cause: "call", needsTap: false });
    tell?.({ kind: "returning", cause: "call" });
    tell?.({ kind: "live" });
    expect(told).toMatchObject([
      { kind: "device-changed", device: "microphone", after: { kind: "interrupted", cause: "call" } },
      { kind: "device-changed", device: "microphone", after: { kind: "returning" } },
      { kind: "device-changed", device: "microphone", after: { kind: "live" } },
    ]);
    tell?.({ kind: "interrupted", cause: "call", needsTap: true });
    session.devices.retry();
    expect(monitors.map(({ retries }) => retries)).toEqual([0, 1]);
  });

  it("takes another preset before Start, and keeps it to the end of the session", async () => {
    const { session, presets } = page();
    await session.ask();
    await session.configure({ preset: "data-saver" });
    expect(presets.at(-1)).toBe(450_000);
    await session.start();
    const before = presets.length;
    await session.configure({ preset: "sharp" });
    expect(session.settings.get().preset).toBe("data-saver");
    expect(presets).toHaveLength(before);
  });
});

describe("what is told of a session", () => {
  const RECONNECTING = { delivery: { kind: "reconnecting", attempt: 1, retryAtMs: null } } as const;

  it("is each change of a stream, with what it was before", async () => {
    const { session, links } = await live();
    const changes: string[] = [];
    links[0]?.report({});
    session.events.subscribe((event) => {
      if (event.kind === "stream-changed")
        changes.push(`${event.stream}: ${event.before.kind}, ${event.after.kind}`);
    });
    links[0]?.report(RECONNECTING);
    links[0]?.report({ delivery: { kind: "reconnecting", attempt: 2, retryAtMs: null } });
    links[0]?.report({ delivery: { kind: "offline" } });
    links[0]?.report({});
    expect(changes).toEqual([
      "video: live, reconnecting",
      "video: reconnecting, offline",
      "video: offline, live",
    ]);
  });

  it("is once that the picture became smaller, which is shown for as long as it is", async () => {
    const { session, told, links, clock } = await live();
    const path = { ...QUIET.path, lateMs: 900, silentMs: 30_000 };
    for (let second = 0; second < 30; second++) {
      clock.sleep(1_000);
      links[0]?.report({ path });
    }
    expect(session.video.quality.get()?.cause).toEqual({ kind: "smaller-picture" });
    const smaller = () => told.filter(({ kind }) => kind === "smaller-picture");
    expect(smaller()).toHaveLength(1);
    for (let second = 0; second < 300; second++) {
      clock.sleep(1_000);
      links[0]?.report({});
    }
    expect(session.video.quality.get()?.level).toBe("excellent");
    expect(smaller()).toHaveLength(1);
  });

  it("is each gap, with all that is missing until then", async () => {
    const { told, links } = await live();
    const gap = (from: number) => ({ from, to: from + 9, ms: 1_000, reason: "outbox-full" }) as const;
    for (const from of [0, 20]) links[1]?.emit({ kind: "gap", gap: gap(from) });
    expect(told.filter(({ kind }) => kind === "gap")).toEqual([
      { kind: "gap", stream: "audio", gap: gap(0), missing: { gaps: 1, ms: 1_000 } },
      { kind: "gap", stream: "audio", gap: gap(20), missing: { gaps: 2, ms: 2_000 } },
    ]);
  });

  it("is nothing of a session that is over", async () => {
    const { session, told, links } = await live();
    links[0]?.report({});
    links[0]?.report(RECONNECTING);
    expect(told.length).toBeGreaterThan(0);
    await session.stop();
    for (const link of links) link.report(ENDED);
    expect(told).toEqual([]);
    links[0]?.emit({ kind: "gap", gap: { from: 1, to: 2, ms: 200, reason: "outbox-full" } });
    expect(told).toEqual([]);
  });
});
