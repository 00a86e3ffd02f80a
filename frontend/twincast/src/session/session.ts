/**
 * The one state that the page renders: permission, then ready, live, finishing, ended. It joins devices and streams and
 * belongs to no framework. Everything that can go wrong ends in a state, never in an exception.
 */

import type { Tier } from "../capture";
import { PRESETS } from "../capture/devices";
import { type Cadence, DEFAULT_CADENCE } from "../capture/encode";
import type { BackendFinding } from "../model/backend";
import type { Device } from "../model/device";
import type { Leftover } from "../model/leftover";
import type { CaptureError, PermissionState } from "../model/permission";
import { outcomeOf, type StreamKind } from "../model/stream";
import { DEFAULT_LIMITS, type NetworkEvent } from "../transport";
import type { EncoderSettings, WorkerEnvironment } from "../worker";
import type { Session, Settings } from "./api";
import { type Arrival, ArrivalWatch } from "./arrival";
import type { BackendAddress } from "./backend-address";
import { type ChoicesMemory, choicesMemory } from "./choices-memory";
import type { DeviceAccess } from "./device-access";
import { type SessionEvent, SessionEvents } from "./events";
import type { Leftovers, LeftoversOptions } from "./leftovers";
import type { SessionPhase } from "./phase";
import { SessionDevices } from "./session-devices";
import { Store } from "./store";
import { StreamSession } from "./stream-session";
import { type FetchTokens, TokenKeeper, type Tokens } from "./tokens";

export interface SessionOptions {
  readonly backend: BackendAddress;
  readonly checkBackend: (backend: BackendAddress) => Promise<BackendFinding>;
  readonly userAgent: string;
  readonly devices: DeviceAccess;
  readonly workers: WorkerEnvironment;
  /** Why asking for devices could lead to none, known when the page opens. */
  readonly obstacle?: CaptureError | null;
  /** Forces an encoder, to look for a fault. */
  readonly tier: Tier;
  /** Forces a cadence, whatever the settings say. */
  readonly cadence?: Cadence | undefined;
  readonly now: () => number;
  readonly newSessionId: () => string;
  readonly fetchTokens: FetchTokens;
  /** Holds a session's id for this page; null where another page has it. */
  readonly holdSession?: (session: string) => Promise<(() => void) | null>;
  /** Fetches what delivers the media that a former page left; null where there can be none. */
  readonly loadLeftovers?: () => Promise<((options: LeftoversOptions) => Leftovers) | null>;
  /** Whether devices that were allowed before are opened without a tap. Default true. */
  readonly opensWhenAllowed?: boolean;
  /** Leads what happens around the page to this session. @returns what ends it. */
  readonly connect?: (session: SessionController) => () => void;
  /** Asks the browser not to throw away what this page stores. */
  readonly keepStorage?: () => void;
  /** What the person chose before; without one everybody begins anew. */
  readonly choices?: ChoicesMemory;
}

export class SessionController implements Session {
  readonly phase = new Store<SessionPhase>({ kind: "permission", state: { kind: "before-asking" } });
  /** What the last look for the backend found; null before the first. */
  readonly backend: Store<BackendFinding | null>;
  readonly settings: Store<Settings>;
  /** From Start on; a phase alone says only what this page does. */
  readonly arrival: Store<Arrival>;
  readonly events = new SessionEvents();
  /** Media of a session whose page is gone. */
  readonly leftover = new Store<Leftover>({ kind: "none" });
  readonly devices: SessionDevices;
  readonly video: StreamSession;
  readonly audio: StreamSession;
  readonly #options: SessionOptions;
  readonly #choices: ChoicesMemory;
  readonly #arrivals: ArrivalWatch;
  #tokens: TokenKeeper | null = null;
  #leftovers: Leftovers | null = null;
  #own: { readonly session: string; readonly letGo: () => void } | null = null;
  #isClosed = false;
  #isDisposed = false;
  readonly #disconnect: () => void;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#choices = options.choices ?? choicesMemory(null);
    const { preset, cadence, devices } = this.#choices.read();
    this.settings = new Store<Settings>({ preset, cadence });
    const { clock } = options.workers;
    this.#arrivals = new ArrivalWatch({ checkBackend: () => options.checkBackend(options.backend), clock });
    this.backend = this.#arrivals.backend;
    this.arrival = this.#arrivals.arrival;
    if (options.obstacle) this.#setPermission(options.obstacle);
    const stream = (kind: StreamKind) => {
      const session = new StreamSession({
        ...options,
        kind,
        onEvent: (event) => this.#tell(event),
        onTokenWanted: () => this.#tokens?.renew(),
        onEncoding: () => this.devices.expectMedia(kind, true),
        onMedia: (capturedTo) => this.devices.noteMedia(kind, capturedTo),
      });
      session.chunks.subscribe(() => {
        if (session.chunks.get() > 0) this.#noteArrival();
      });
      let before = session.status.get().kind;
      session.status.subscribe(() => {
        const { kind: now } = session.status.get();
        // That nothing comes is no fault of the device when nobody takes it.
        const isTaken = now !== "failed" && now !== "restarting" && now !== "discarded" && now !== "ended";
        if (!isTaken) this.devices.expectMedia(kind, false);
        else if (before === "restarting") this.devices.expectMedia(kind, true);
        before = now;
        this.#concludeWhenOver();
      });
      return session;
    };
    this.video = stream("video");
    this.audio = stream("audio");
    this.devices = new SessionDevices({
      access: options.devices,
      clock,
      onRelease: (kind) => this[kind].releaseTrack(),
      onTrack: (kind, track) => this.#onTrack(kind, track),
      onPicture: (details) => this.video.setPicture(details),
      onKept: (device, error) => this.#tell({ kind: "device-kept", device, error }),
      onChosen: (device, deviceId) => {
        const kept = this.#choices.read();
        this.#choices.write({ ...kept, devices: { ...kept.devices, [device]: deviceId } });
      },
      preset,
      preferred: devices,
    });
    this.#tellOf("camera");
    this.#tellOf("microphone");
    this.#disconnect = options.connect?.(this) ?? (() => {});
  }

  /** Looks whether the backend could take streams now. */
  async lookForBackend(): Promise<void> {
    if (this.#isDisposed) return;
    await this.#arrivals.look();
  }

  /**
   * Asks for camera and microphone. Call it from a tap, or where the person has allowed them before.
   *
   * @param without a device that the person goes on without.
   */
  async ask(without?: Device): Promise<void> {
    const phase = this.phase.get();
    // Asking again is for a question that nobody has answered.
    if (this.#isDisposed || phase.kind !== "permission" || phase.state.kind === "asking") return;
    this.#setPermission({ kind: "asking" });
    const result = await this.devices.ask(() => this.#setPermission({ kind: "unanswered" }), without);
    if (result === "given") this.#setReady();
    else if (result !== "late") this.#setPermission(result);
  }

  /**
   * Heeds the browser's settings of camera and microphone, from now on: who has allowed them to this page before need
   * not do so again, and who changes them in the page menu need not come back to tell. @returns what ends it.
   */
  watchPermissions(): () => void {
    return this.#options.devices.watchPermissions((states, changed) => {
      const phase = this.phase.get();
      if (phase.kind !== "permission") {
        if (changed) this.devices.permissionChanged(changed, states);
        return;
      }
      const answers = Object.values(states);
      const isAllowed = answers.includes("granted") && !answers.includes("prompt");
      const { devices, opensWhenAllowed = true } = this.#options;
      if (isAllowed && (changed || (opensWhenAllowed && devices.wereGiven.get()))) void this.ask();
      else if (phase.state.kind === "denied" && !answers.includes("denied"))
        this.#setPermission({ kind: "before-asking" });
    });
  }

  /** Begins a session: one id, two streams that know nothing of each other. */
  async start(): Promise<void> {
    if (this.phase.get().kind !== "ready") return;
    // What was told before is about another session, or about a try that failed.
    this.events.tell({ kind: "over" });
    this.phase.set({ kind: "starting" });
    this.arrival.set("nothing-yet");
    this.devices.beginSession();
    const session = this.#options.newSessionId();
    const keeper = this.#keepTokens(session);
    let tokens: Tokens;
    try {
      tokens = await keeper.first();
    } catch (error) {
      if (this.#tokens !== keeper) return;
      const message = error instanceof Error ? error.message : String(error);
      this.#tell({ kind: "not-permitted", message });
      this.#backToReady();
      return;
    }
    if (this.#tokens !== keeper || this.phase.get().kind !== "starting") return;
    if (!(await this.#hold(session, keeper))) return;
    const starts = this.#tracks().map(([stream, track]) =>
      stream.start(track, {
        stream: stream.kind,
        url: this.#options.backend.socketUrl(stream.kind),
        session,
        userAgent: this.#options.userAgent,
        limits: DEFAULT_LIMITS[stream.kind],
        ...(tokens[stream.kind] !== undefined && { token: tokens[stream.kind] }),
      }),
    );
    this.#sendMuted();
    // One kind that cannot be encoded, or is slow to begin, does not hold up the other; its own status says why.
    try {
      await Promise.any(starts);
    } catch {
      if (this.#tokens === keeper) this.#backToReady();
      return;
    }
    if (this.#tokens === keeper && this.phase.get().kind === "starting") {
      this.phase.set({ kind: "live", startedAt: this.#options.now() });
      this.#options.keepStorage?.();
      if (this.arrival.get() !== "acknowledged") this.#arrivals.expect(() => this.holdsMedia);
      this.#concludeWhenOver();
    }
  }

  /** Ends the session: flushes the encoders, delivers what is kept, has the backend verify it. */
  async stop(): Promise<void> {
    const phase = this.phase.get();
    if (phase.kind !== "live" && phase.kind !== "starting") return;
    const durationMs = phase.kind === "live" ? this.#options.now() - phase.startedAt : 0;
    this.phase.set({ kind: "finishing", durationMs });
    this.devices.endSession();
    const finished = this.#tracks().map(([stream]) => stream.finish());
    this.#concludeWhenOver();
    await Promise.allSettled(finished);
    this.#concludeWhenOver();
  }

  /** While finishing: gives up what the backend has not acknowledged. */
  discard(): void {
    if (this.phase.get().kind !== "finishing") return;
    for (const stream of this.#streams) if (!isOver(stream)) stream.discard();
  }

  /** After the end: ready for another session with the same devices. */
  again(): void {
    if (this.phase.get().kind !== "ended") return;
    this.events.tell({ kind: "over" });
    this.devices.retry();
    this.#setReady();
  }

  /** Everything is let go: nothing is captured, encoded or sent from here on. */
  close(): void {
    this.events.tell({ kind: "over" });
    this.#arrivals.cancel();
    this.#forgetTokens();
    this.#isClosed = true;
    this.#leftovers?.close();
    for (const stream of this.#streams) stream.reset();
    this.devices.close();
    this.phase.set({ kind: "permission", state: { kind: "before-asking" } });
  }

  /** See `Session`. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#disconnect();
    this.close();
  }

  toggleMuted(): void {
    if (this.#isDisposed) return;
    this.devices.toggleMuted();
    this.#sendMuted();
  }

  /** Between sessions only: an encoder's size and cadence hold for a whole session. */
  async configure(change: Partial<Settings>): Promise<void> {
    if (this.phase.get().kind !== "ready") return;
    this.settings.update((settings) => ({ ...settings, ...change }));
    this.#choices.write({ ...this.#choices.read(), ...change });
    if (change.preset) await this.devices.setPreset(change.preset);
    if (this.phase.get().kind === "ready") this.#prepareStreams();
  }

  async chooseDevice(device: Device, deviceId: string): Promise<void> {
    await this.devices.choose(device, deviceId);
  }

  /** Looks for media that a former page left on this device, and delivers them. */
  async lookForLeftovers(): Promise<void> {
    const create = await this.#options.loadLeftovers?.().catch(() => null);
    if (!create || this.#leftovers || this.#isClosed) return;
    const { backend } = this.#options;
    this.#leftovers = create({
      ...this.#options,
      socketUrl: (stream) => backend.socketUrl(stream),
      isOwn: (session) => session === this.#own?.session,
      onChange: (leftover) => this.leftover.set(leftover),
    });
    await this.#leftovers.look();
  }

  /** Gives up what is left of the leftover, or takes its result as read. */
  discardLeftover(): void {
    this.#leftovers?.discard();
  }

  network(event: NetworkEvent): void {
    this.#leftovers?.network(event);
    if ((event === "online" || event === "visible") && this.backend.get() !== "answers")
      void this.lookForBackend();
    for (const stream of this.#streams) stream.network(event);
  }

  /** The session's clock, ms since the epoch. */
  readonly now = (): number => this.#options.now();

  /** Where the media goes. */
  get address(): BackendAddress {
    return this.#options.backend;
  }

  /** Whether leaving the page now would lose media. */
  get holdsMedia(): boolean {
    const { kind } = this.phase.get();
    return this.#isCapturing || kind === "finishing";
  }

  get #isCapturing(): boolean {
    const { kind } = this.phase.get();
    return kind === "live" || kind === "starting";
  }

  get #streams(): readonly StreamSession[] {
    return [this.video, this.audio];
  }

  #tracks(): [StreamSession, MediaStreamTrack][] {
    const { video, audio } = this.devices.media.get() ?? {};
    const pairs: [StreamSession, MediaStreamTrack][] = [];
    if (video) pairs.push([this.video, video]);
    if (audio) pairs.push([this.audio, audio]);
    return pairs;
  }

  /** Until the session is over; one at a time. */
  #keepTokens(session: string): TokenKeeper {
    this.#tokens?.close();
    this.#tokens = new TokenKeeper({
      session,
      fetchTokens: this.#options.fetchTokens,
      clock: this.#options.workers.clock,
      onTokens: (tokens) => {
        for (const stream of this.#streams) stream.setToken(tokens[stream.kind]);
      },
    });
    return this.#tokens;
  }

  #forgetTokens(): void {
    this.#tokens?.close();
    this.#tokens = null;
    this.#letGo();
  }

  /** Before anything of it is stored: no other page is to take it for one that was cut off. @returns whether it goes on. */
  async #hold(session: string, keeper: TokenKeeper): Promise<boolean> {
    const { holdSession } = this.#options;
    if (!holdSession) return true;
    const letGo = (await holdSession(session)) ?? (() => {});
    const goesOn = this.#tokens === keeper && this.phase.get().kind === "starting";
    if (goesOn) this.#own = { session, letGo };
    else letGo();
    return goesOn;
  }

  #letGo(): void {
    this.#own?.letGo();
    this.#own = null;
  }

  /** Start came to nothing; what failed says why. */
  #backToReady(): void {
    this.#forgetTokens();
    if (this.phase.get().kind !== "starting") return;
    this.devices.endSession();
    this.phase.set({ kind: "ready" });
  }

  #setReady(): void {
    this.#prepareStreams();
    this.phase.set({ kind: "ready" });
  }

  #prepareStreams(): void {
    for (const { kind } of this.#streams) this.#prepare(kind);
  }

  #prepare(kind: StreamKind): void {
    const media = this.devices.media.get();
    if (!media?.[kind]) this[kind].markAbsent();
    else this[kind].prepare(this.#encoderSettings(), kind === "audio" ? (media.sound?.input ?? null) : null);
  }

  #onTrack(kind: StreamKind, track: MediaStreamTrack): void {
    // A device that was missing, or a microphone whose place in Web Audio may be another one now.
    if (this.phase.get().kind === "ready" && (kind === "audio" || isOver(this[kind]))) this.#prepare(kind);
    else this[kind].replaceTrack(track);
  }

  #encoderSettings(): EncoderSettings {
    const { preset, cadence } = this.settings.get();
    return {
      ...PRESETS[preset],
      cadence: this.#options.cadence ?? (cadence === "realtime" ? "realtime" : DEFAULT_CADENCE),
      tier: this.#options.tier,
    };
  }

  #setPermission(state: PermissionState): void {
    this.phase.set({ kind: "permission", state });
  }

  #sendMuted(): void {
    this.audio.setMuted(this.devices.muted.get());
  }

  #concludeWhenOver(): void {
    const phase = this.phase.get();
    // Nothing can save what would be recorded from here on.
    if (phase.kind === "live" && this.#streams.every(takesNothing)) void this.stop();
    if (phase.kind === "finishing" && this.#streams.every(isOver)) {
      this.#forgetTokens();
      this.#arrivals.cancel();
      this.events.tell({ kind: "over" });
      this.phase.set({ ...phase, kind: "ended" });
    }
  }

  #tellOf(device: Device): void {
    const store = this.devices[device];
    let before = store.get();
    store.subscribe(() => {
      const after = store.get();
      const changed = { kind: "device-changed", device, before, after } as const;
      const isOfAnotherKind = before.kind !== after.kind;
      before = after;
      if (isOfAnotherKind && this.#needs(device)) this.#tell(changed);
    });
  }

  /** Whether the device's media still goes somewhere. */
  #needs(device: Device): boolean {
    return this.#isCapturing && !takesNothing(this[device === "camera" ? "video" : "audio"]);
  }

  #noteArrival(): void {
    if (!this.holdsMedia || this.arrival.get() === "acknowledged") return;
    this.#arrivals.note();
    if (this.phase.get().kind !== "finishing") this.#tell({ kind: "first-acknowledged" });
  }

  #tell(event: SessionEvent): void {
    // Of a session that is over its streams' last states tell.
    if (this.phase.get().kind !== "ended") this.events.tell(event);
  }
}

/** Whether nothing that is recorded now can reach the backend by it. */
function takesNothing({ status }: StreamSession): boolean {
  return outcomeOf(status.get()) !== null;
}

/** Whether nothing more of it is on its way either. */
function isOver(stream: StreamSession): boolean {
  const status = stream.status.get();
  const isDelivering = status.kind === "failed" && status.leftBytes !== undefined;
  return takesNothing(stream) && !isDelivering;
}
