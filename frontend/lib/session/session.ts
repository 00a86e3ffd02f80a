/**
 * The one state that the page renders: permission, then ready, live, finishing, ended. It joins capture and transport
 * and belongs to no framework. Everything that can go wrong ends in a state, never in an exception.
 */

import type { AudioInput } from "../capture/audio-input";
import type { AcquireOptions, AcquireResult } from "../capture/devices";
import type { LevelSource } from "../capture/level";
import type { CaptureError } from "../capture/permission-errors";
import type { Facing, StreamKind } from "../capture/types";
import type { NetworkEvent } from "../transport/connection";
import { DEFAULT_LIMITS } from "../transport/limits";
import type { BackendAddress } from "./backend-address";
import type { BackendFinding } from "./backend-check";
import type { News } from "./news";
import { Store } from "./store";
import type { CreateLink } from "./stream-link";
import { type CreateEncoder, StreamSession } from "./stream-session";

export type PermissionPhase =
  | { readonly kind: "before-asking" }
  | { readonly kind: "asking" }
  | { readonly kind: "unanswered" }
  | CaptureError;

/** What the devices give. At least one of the tracks is there. */
export interface Media {
  readonly stream: MediaStream;
  readonly video: MediaStreamTrack | null;
  readonly audio: MediaStreamTrack | null;
  readonly facing: Facing;
  readonly sound: Sound | null;
}

export interface Sound {
  readonly input: AudioInput;
  readonly level: LevelSource;
}

export type SessionPhase =
  | { readonly kind: "permission"; readonly state: PermissionPhase }
  | { readonly kind: "ready"; readonly media: Media }
  | { readonly kind: "starting"; readonly media: Media }
  | { readonly kind: "live"; readonly media: Media; readonly startedAt: number }
  | { readonly kind: "finishing"; readonly media: Media; readonly durationMs: number }
  | { readonly kind: "ended"; readonly media: Media; readonly durationMs: number };

export interface SessionOptions {
  readonly backend: BackendAddress;
  readonly checkBackend: (healthUrl: string) => Promise<BackendFinding>;
  readonly userAgent: string;
  readonly acquire: (options: AcquireOptions) => Promise<AcquireResult>;
  readonly createLink: CreateLink;
  readonly createEncoder: CreateEncoder;
  /** Takes a microphone into Web Audio; null where the browser cannot. */
  readonly openSound: (track: MediaStreamTrack) => Sound | null;
  readonly now: () => number;
  readonly newSessionId: () => string;
}

export class Session {
  readonly phase = new Store<SessionPhase>({ kind: "permission", state: { kind: "before-asking" } });
  readonly muted = new Store(false);
  /** What the last look for the backend found; null before the first. */
  readonly backend = new Store<BackendFinding | null>(null);
  /** The newest first shown; the page decides for how long. */
  readonly news = new Store<readonly (News & { readonly id: string })[]>([]);
  readonly video: StreamSession;
  readonly audio: StreamSession;
  readonly #options: SessionOptions;
  #newsCount = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
    const stream = (kind: StreamKind) => {
      const session = new StreamSession({ ...options, kind, onNews: (news) => this.#tell(news) });
      session.status.subscribe(() => this.#concludeWhenOver());
      return session;
    };
    this.video = stream("video");
    this.audio = stream("audio");
  }

  /** Looks whether the backend could take streams now. */
  async lookForBackend(): Promise<void> {
    this.backend.set(await this.#options.checkBackend(this.#options.backend.healthUrl));
  }

  /** Asks for camera and microphone. Call it from a tap. */
  async ask(): Promise<void> {
    this.#setPermission({ kind: "asking" });
    const result = await this.#options.acquire({
      onUnanswered: () => this.#setPermission({ kind: "unanswered" }),
    });
    if (result.kind === "refused") return this.#setPermission(result.error);
    const [video = null] = result.stream.getVideoTracks();
    const [audio = null] = result.stream.getAudioTracks();
    const facing = video?.getSettings().facingMode === "environment" ? "environment" : "user";
    const sound = audio && this.#options.openSound(audio);
    this.#setReady({ stream: result.stream, video, audio, facing, sound });
  }

  /** Begins a session: one id, two streams that know nothing of each other. */
  async start(): Promise<void> {
    const phase = this.phase.get();
    if (phase.kind !== "ready") return;
    const { media } = phase;
    this.phase.set({ kind: "starting", media });
    const session = this.#options.newSessionId();
    const starts = this.#tracksOf(media).map(([stream, track]) =>
      stream.start(track, {
        url: this.#options.backend.socketUrl(stream.kind),
        session,
        userAgent: this.#options.userAgent,
        limits: DEFAULT_LIMITS[stream.kind],
      }),
    );
    this.#sendMuted();
    // One kind that cannot be encoded, or is slow to begin, does not hold up the other; its own status says why.
    try {
      await Promise.any(starts);
    } catch {
      if (this.phase.get().kind === "starting") this.phase.set({ kind: "ready", media });
      return;
    }
    if (this.phase.get().kind === "starting") {
      this.phase.set({ kind: "live", media, startedAt: this.#options.now() });
    }
  }

  /** Ends the session: flushes the encoders, delivers what is kept, has the backend verify it. */
  async stop(): Promise<void> {
    const phase = this.phase.get();
    if (phase.kind !== "live" && phase.kind !== "starting") return;
    const { media } = phase;
    const durationMs = phase.kind === "live" ? this.#options.now() - phase.startedAt : 0;
    this.phase.set({ kind: "finishing", media, durationMs });
    await Promise.allSettled(this.#tracksOf(media).map(([stream]) => stream.finish()));
    this.#concludeWhenOver();
  }

  /** While finishing: gives up what the backend has not acknowledged. */
  discard(): void {
    if (this.phase.get().kind !== "finishing") return;
    for (const stream of this.#streams) if (!isOver(stream)) stream.discard();
  }

  /** After the end: ready for another session with the same devices. */
  again(): void {
    const phase = this.phase.get();
    if (phase.kind === "ended") this.#setReady(phase.media);
  }

  toggleMuted(): void {
    this.muted.update((muted) => !muted);
    this.#applyMuted();
    this.#sendMuted();
  }

  network(event: NetworkEvent): void {
    if (event !== "offline" && this.backend.get() !== "answers") void this.lookForBackend();
    for (const stream of this.#streams) stream.network(event);
  }

  dismissNews(id: string): void {
    this.news.update((list) => list.filter((news) => news.id !== id));
  }

  /** Where the media goes. */
  get address(): BackendAddress {
    return this.#options.backend;
  }

  /** Whether leaving the page now would lose media. */
  get holdsMedia(): boolean {
    const { kind } = this.phase.get();
    return kind === "live" || kind === "starting" || kind === "finishing";
  }

  get #streams(): readonly StreamSession[] {
    return [this.video, this.audio];
  }

  #tracksOf(media: Media): [StreamSession, MediaStreamTrack][] {
    const pairs: [StreamSession, MediaStreamTrack][] = [];
    if (media.video) pairs.push([this.video, media.video]);
    if (media.audio) pairs.push([this.audio, media.audio]);
    return pairs;
  }

  #setReady(media: Media): void {
    if (media.video) this.video.prepare(null);
    else this.video.markAbsent();
    if (media.audio) this.audio.prepare(media.sound?.input ?? null);
    else this.audio.markAbsent();
    this.#applyMuted();
    this.phase.set({ kind: "ready", media });
  }

  #setPermission(state: PermissionPhase): void {
    this.phase.set({ kind: "permission", state });
  }

  /** `enabled` keeps the device and sends silence: no new prompt, and the audio stream goes on. */
  #applyMuted(): void {
    const phase = this.phase.get();
    if (phase.kind !== "permission" && phase.media.audio) phase.media.audio.enabled = !this.muted.get();
  }

  #sendMuted(): void {
    this.audio.setMuted(this.muted.get());
  }

  #concludeWhenOver(): void {
    const phase = this.phase.get();
    if (phase.kind === "finishing" && this.#streams.every(isOver)) {
      this.phase.set({ ...phase, kind: "ended" });
    }
  }

  #tell(news: News): void {
    this.#newsCount++;
    const id = String(this.#newsCount);
    this.news.update((list) => [...list, { ...news, id }]);
  }
}

function isOver(stream: StreamSession): boolean {
  switch (stream.status.get().kind) {
    case "ended":
    case "failed":
    case "discarded":
    case "absent":
      return true;
    case "idle":
    case "connecting":
    case "live":
    case "behind":
    case "reconnecting":
    case "offline":
    case "finishing":
      return false;
  }
}
