/**
 * A whole session on one thread, in virtual time: the real `Session`, proxies, hosts, senders and device monitors
 * between fake devices, encoders, tokens, networks and backends. Each part can be late, missing, broken or silent.
 */

import {
  type AcquireResult,
  type FlipResult,
  InputMonitor,
  type OpenResult,
  watchVisibility,
} from "../../capture/devices";
import { FakePage } from "../../capture/testing/fake-page";
import type { CaptureError } from "../../model/permission";
import type { StreamKind } from "../../model/stream";
import { FakeClock } from "../../testing/fake-clock";
import type { OpenSocket } from "../../transport";
import { FakeBackend } from "../../transport/testing/fake-backend";
import { FakeNetwork, type NetworkState } from "../../transport/testing/fake-network";
import { FakeTrack, FakeWorkers, type World } from "../../worker/testing/both-ends";
import { backendAddress } from "../backend-address";
import type { Sound } from "../device-access";
import { SessionController } from "../session";
import type { IssuedTokens } from "../tokens";
import { TOKENS_TIMEOUT_MS } from "../tokens";

const KINDS = ["video", "audio"] as const;

/** How a device answers when it is asked for, and after how long; `hangs`: not before `answerAll`. */
export interface DeviceWorld {
  readonly answer: "grants" | "refuses" | "hangs";
  readonly delayMs: number;
}

/**
 * Whether Web Audio takes the microphone; where it does not, sound is recorded and not encoded in its worker. `first`: the
 * first one only, as Firefox does with one of another rate.
 */
export type SoundWorld = "webaudio" | "first" | "none";

const REFUSED: CaptureError = { kind: "in-use", device: "both" };
const TOKEN_LIFETIME_MS = 60_000;

/** One session's streams at the backend. */
interface Streams {
  readonly backends: Record<StreamKind, FakeBackend>;
  readonly networks: Record<StreamKind, FakeNetwork>;
  /** Times that a process was replaced by another. */
  restarts: number;
}

export class WholeSession extends FakeWorkers {
  readonly page = new FakePage();
  readonly session: SessionController;
  devices: DeviceWorld = { answer: "grants", delayMs: 0 };
  tokens: "none" | "issued" | "refused" | "hang" = "none";
  state: NetworkState = "healthy";
  /** Of every session that was begun. */
  readonly streams: Streams[] = [];
  readonly tracks: FakeTrack[] = [];
  tokenRequests = 0;
  /** The sessions that this page holds. */
  readonly held = new Set<string>();
  /** What was still held of a device when it was asked for again. */
  readonly heldWhenAsked: { readonly tracks: number; readonly clones: number }[] = [];
  readonly #answeredAt = { video: Number.NEGATIVE_INFINITY, audio: Number.NEGATIVE_INFINITY };
  readonly #kinds: readonly StreamKind[];
  readonly #sound: SoundWorld;
  #soundsOpened = 0;
  #unanswered: (() => void)[] = [];
  #sinkDelayMs = 0;

  constructor(
    world: Partial<World> = {},
    kinds: readonly StreamKind[] = KINDS,
    sound: SoundWorld = "none",
    connect: () => () => void = () => () => {},
  ) {
    super(new FakeClock(), world);
    this.#kinds = kinds;
    this.#sound = sound;
    this.session = new SessionController({
      backend: backendAddress("https://backend.test", "https://page.test/"),
      checkBackend: async () => "answers",
      userAgent: "a test",
      devices: {
        acquire: () => this.#acquire(),
        open: (device) => this.#open(device === "camera" ? "video" : "audio"),
        flip: (track) => this.#flip(track as unknown as FakeTrack),
        openSound: () => this.#openSound(),
        previewOf: () => ({}) as MediaStream,
        wouldAsk: async () => false,
        watch: () => () => {},
        watchPermissions: () => () => {},
        watchVisibility: (onChange) => watchVisibility(onChange, this.page),
        wereGiven: { get: () => true, note: () => {} },
        monitor: (options) =>
          new InputMonitor({
            ...options,
            clock: this.clock,
            page: this.page,
            mediaDevices: this.page.mediaDevices as unknown as MediaDevices,
          }),
        watchPicture: () => () => {},
        keepScreenOn: () => () => {},
      },
      workers: this.environment(),
      holdSession: async (session) => {
        this.held.add(session);
        return () => this.held.delete(session);
      },
      tier: "auto",
      now: this.time.now,
      newSessionId: () => this.#begin(),
      fetchTokens: () => this.#fetchTokens(),
      connect,
    });
  }

  get phase(): SessionController["phase"] extends { get(): infer Phase } ? Phase : never {
    return this.session.phase.get() as never;
  }

  /** The newest session's part of the outside world; null before the first. */
  get outside(): Streams | undefined {
    return this.streams.at(-1);
  }

  /** When the backend's newest word on this stream's chunks was on its way. */
  ackedAt(kind: StreamKind): number {
    return this.#answeredAt[kind];
  }

  /** Live tracks that the page was given. */
  get openTracks(): FakeTrack[] {
    return this.tracks.filter(({ readyState }) => readyState === "live");
  }

  setState(state: NetworkState): void {
    this.state = state;
    for (const network of this.#networks) network.state = state;
    if (state === "refusing") this.cut();
  }

  cut(closeCode?: number, kinds: readonly StreamKind[] = KINDS): void {
    for (const kind of kinds) this.outside?.networks[kind].cut(closeCode);
  }

  /** A sink of the video stream takes nothing; what was on its way to it comes again by another connection. */
  setStuck(isStuck: boolean): void {
    const backend = this.outside?.backends.video;
    if (!backend || backend.stuck === isStuck) return;
    backend.stuck = isStuck;
    if (!isStuck) this.cut(1011, ["video"]);
  }

  /** Whatever was asked and not answered is granted now. */
  answerAll(): void {
    for (const answer of this.#unanswered.splice(0)) answer();
  }

  /** So long a chunk takes from the backend to its sink. */
  setSinkDelay(delayMs: number): void {
    this.#sinkDelayMs = delayMs;
  }

  /** One stream's path swallows everything, the other's does not. */
  losePath(kind: StreamKind): void {
    const network = this.outside?.networks[kind];
    if (network) network.state = "black-hole";
  }

  restartBackend(): void {
    const { outside } = this;
    if (!outside) return;
    outside.restarts++;
    for (const kind of KINDS) outside.backends[kind].restart();
    this.cut();
  }

  /** Each seq of every stream once, as a chunk or inside one gap; where not, which. */
  faults(): string[] {
    const faults: string[] = [];
    for (const { backends, restarts } of this.streams) {
      for (const kind of KINDS) {
        const { taken, gaps, complaints, hellos } = backends[kind];
        faults.push(...complaints);
        if (new Set(hellos.map(({ session }) => session)).size > 1)
          faults.push(`${kind}: two sessions at once`);
        const lives = new Map<number, Set<number>>();
        let newest = { life: 0, seq: -1 };
        for (const { header, life } of taken) {
          const seen = lives.get(header.seq) ?? new Set();
          if (seen.has(life)) faults.push(`${kind} ${header.seq}: twice`);
          lives.set(header.seq, seen.add(life));
          if (life === newest.life && header.seq <= newest.seq)
            faults.push(`${kind} ${header.seq}: out of order`);
          newest = { life, seq: header.seq };
        }
        const inGap = new Set<number>();
        for (const { from, to } of gaps) {
          for (let seq = from; seq <= to; seq++) {
            if (inGap.has(seq) && restarts === 0) faults.push(`${kind} ${seq}: in two gaps`);
            inGap.add(seq);
          }
        }
        const last = Math.max(-1, ...lives.keys(), ...inGap);
        for (let seq = 0; seq <= last; seq++) {
          if (!lives.has(seq) && !inGap.has(seq)) faults.push(`${kind} ${seq}: missing`);
          if (lives.has(seq) && inGap.has(seq) && restarts === 0)
            faults.push(`${kind} ${seq}: told as missing`);
        }
      }
    }
    return faults;
  }

  protected openSocket(...[url, subprotocol, events]: Parameters<OpenSocket>): ReturnType<OpenSocket> {
    const kind: StreamKind = url.endsWith("video") ? "video" : "audio";
    const { outside } = this;
    if (!outside) throw new Error("A socket was opened before a session began.");
    return outside.networks[kind].openSocket(url, subprotocol, {
      ...events,
      text: (data) => {
        // A connection begins with what the backend has.
        if (data.includes('"ack"') || data.includes('"ready"')) this.#answeredAt[kind] = this.time.now();
        events.text(data);
      },
    });
  }

  get #networks(): FakeNetwork[] {
    const { outside } = this;
    return outside ? KINDS.map((kind) => outside.networks[kind]) : [];
  }

  #begin(): string {
    const made = KINDS.map((kind) => {
      const backend = new FakeBackend(this.time.now);
      backend.afterSink = (acknowledge) => {
        if (this.#sinkDelayMs === 0) acknowledge();
        else this.time.after(this.#sinkDelayMs, acknowledge);
      };
      const network = new FakeNetwork(this.time, backend);
      network.state = this.state;
      return [kind, backend, network] as const;
    });
    this.streams.push({
      backends: Object.fromEntries(made.map(([kind, backend]) => [kind, backend])) as Streams["backends"],
      networks: Object.fromEntries(made.map(([kind, , network]) => [kind, network])) as Streams["networks"],
      restarts: 0,
    });
    return `11111111-2222-4333-8444-${String(this.streams.length).padStart(12, "0")}`;
  }

  async #fetchTokens(): Promise<IssuedTokens> {
    this.tokenRequests++;
    switch (this.tokens) {
      case "none":
        return { tokens: {}, lifetimeMs: null };
      case "issued":
        return { tokens: { video: "v", audio: "a" }, lifetimeMs: TOKEN_LIFETIME_MS };
      case "refused":
        throw new Error("The page's server gives no token.");
      case "hang":
        await this.#after(TOKENS_TIMEOUT_MS);
        throw new Error("The page's server does not answer.");
    }
  }

  async #answerOfDevice(): Promise<boolean> {
    const { answer, delayMs } = this.devices;
    if (delayMs > 0) await this.#after(delayMs);
    if (answer === "hangs") await new Promise<void>((resolve) => this.#unanswered.push(resolve));
    return answer !== "refuses";
  }

  async #acquire(): Promise<AcquireResult> {
    if (!(await this.#answerOfDevice())) return { kind: "refused", error: REFUSED };
    const tracks = this.#kinds.map((kind) => this.#track(kind));
    const of = (kind: StreamKind) => tracks.filter((track) => track.kind === kind);
    const stream = {
      getTracks: () => tracks,
      getVideoTracks: () => of("video"),
      getAudioTracks: () => of("audio"),
    } as unknown as MediaStream;
    return { kind: "granted", stream };
  }

  async #open(kind: StreamKind): Promise<OpenResult> {
    const tracks = this.openTracks.filter((track) => track.kind === kind).length;
    const clones = this.clones.filter((clone) => clone.kind === kind && clone.readyState === "live").length;
    this.heldWhenAsked.push({ tracks, clones });
    if (!(await this.#answerOfDevice())) return { kind: "refused", error: REFUSED };
    return { kind: "granted", track: this.#track(kind) as unknown as MediaStreamTrack };
  }

  #openSound(): Sound | null {
    const isFirst = this.#soundsOpened++ === 0;
    if (this.#sound === "none" || (this.#sound === "first" && !isFirst)) return null;
    return fakeSound(this.#sound === "webaudio");
  }

  async #flip(old: FakeTrack): Promise<FlipResult> {
    old.stop();
    const opened = await this.#open("video");
    return opened.kind === "granted"
      ? { kind: "flipped", track: opened.track }
      : { kind: "lost", error: opened.error };
  }

  #track(kind: StreamKind): FakeTrack {
    const track = new FakeTrack(kind);
    this.tracks.push(track);
    return track;
  }

  #after(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.time.after(ms, resolve);
    });
  }
}

/** A microphone inside Web Audio that is never quiet. */
function fakeSound(takesOthers: boolean): Sound {
  let state: AudioContextState = "running";
  const set = (next: AudioContextState) => async () => {
    if (state !== "closed") state = next;
  };
  const input = {
    context: { sampleRate: 48_000 },
    get state() {
      return state;
    },
    onStateChange: () => () => {},
    setTrack: () => takesOthers && state !== "closed",
    resume: set("running"),
    suspend: set("suspended"),
    close: set("closed"),
  };
  const level = { subscribe: () => () => {}, close: () => {} };
  return { input, level } as unknown as Sound;
}
