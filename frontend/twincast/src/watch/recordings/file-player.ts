/**
 * Plays both streams of a recording on one timeline: the sound card's clock leads, pictures follow, and in a hole nothing
 * is shown or heard for as long as it is. What is still being recorded goes on when there is more.
 */
import { AudioBufferSink, type Input, VideoSampleSink } from "mediabunny";
import type { Clock } from "../../clock";
import type { PlaybackState } from "../../model/recording";
import { Store } from "../../session/store";
import type { RecordingPlayer } from "./player";
import type { Piece, Timeline } from "./timeline";

export interface FilePlayerOptions {
  readonly timeline: Timeline;
  readonly open: (piece: Piece) => Promise<Input>;
  /** Looks for what came meanwhile, and whether more may come. */
  readonly refresh: () => Promise<{ readonly timeline: Timeline; readonly mayGrow: boolean }>;
  readonly canvas: HTMLCanvasElement;
  readonly clock: Clock;
}

/** Sound is handed to the sound card so long before it is due. */
const AHEAD_S = 0.5;
/** What files and chunks may be apart by. */
const ROUNDING_MS = 40;
const TELL_EVERY_MS = 100;
const REFRESH_MS = 1_000;
/** So often the backend may not answer at the end of what is recorded, as in a restart. */
const MAX_REFRESH_FAILURES = 10;

/** By Mediabunny, whose types no page of somebody else's needs: they know it as a `RecordingPlayer`. */
export class FilePlayer implements RecordingPlayer {
  readonly state = new Store<PlaybackState>({ kind: "loading" });
  readonly positionMs = new Store(0);
  readonly timeline: Store<Timeline>;
  readonly #options: FilePlayerOptions;
  #context: AudioContext | null = null;
  /** Where the timeline was at a moment of the sound card's clock. */
  #anchor = { positionMs: 0, atS: 0 };
  #sounding = new Set<AudioBufferSourceNode>();
  /** What was begun before the last play, pause or seek is no one's. */
  #round = 0;
  #cancelTimer: () => void = () => {};

  constructor(options: FilePlayerOptions) {
    this.#options = options;
    this.timeline = new Store(options.timeline);
  }

  async load(): Promise<void> {
    await this.#guarded(async () => {
      await this.#showPicture(0);
      this.state.set({ kind: "paused" });
    });
  }

  play(): void {
    if (this.state.get().kind !== "playing") this.#begin();
  }

  #begin(): void {
    const round = ++this.#round;
    const context = this.#context ?? new AudioContext();
    this.#context = context;
    void this.#guarded(async () => {
      await context.resume();
      if (round !== this.#round) return;
      const isAtEnd = this.positionMs.get() >= this.timeline.get().durationMs - 1;
      const positionMs = isAtEnd ? 0 : this.positionMs.get();
      this.#anchor = { positionMs, atS: context.currentTime };
      this.state.set({ kind: "playing" });
      this.#tell(round);
      await Promise.all([this.#playVideo(round, positionMs), this.#playAudio(round, positionMs, context)]);
      await this.#untilMs(round, this.timeline.get().durationMs);
      if (round === this.#round) await this.#goOnOrEnd(round);
    });
  }

  pause(): void {
    if (this.state.get().kind !== "playing") return;
    this.#stop();
    this.state.set({ kind: "paused" });
  }

  seek(positionMs: number): void {
    const wasPlaying = this.state.get().kind === "playing";
    this.#stop();
    this.positionMs.set(Math.min(this.timeline.get().durationMs, Math.max(0, positionMs)));
    if (wasPlaying) {
      this.#begin();
      return;
    }
    void this.#guarded(async () => {
      this.state.set({ kind: "paused" });
      await this.#showPicture(this.positionMs.get());
    });
  }

  close(): void {
    this.#stop();
    this.#context?.close().catch(() => {});
  }

  #stop(): void {
    if (this.state.get().kind === "playing") this.positionMs.set(this.#nowMs());
    this.#round++;
    this.#cancelTimer();
    for (const node of this.#sounding) node.stop();
    this.#sounding.clear();
  }

  #nowMs(): number {
    return Math.min(this.timeline.get().durationMs, this.#clockMs());
  }

  /** Goes on behind the end: what lies a rounding beyond it is waited for as well. */
  #clockMs(): number {
    const { positionMs, atS } = this.#anchor;
    const passedS = (this.#context?.currentTime ?? atS) - atS;
    return positionMs + passedS * 1e3;
  }

  #tell(round: number): void {
    if (round !== this.#round) return;
    this.positionMs.set(this.#nowMs());
    this.#cancelTimer = this.#options.clock.after(TELL_EVERY_MS, () => this.#tell(round));
  }

  /** What is recorded meanwhile is played on; of what is over this is the end. */
  async #goOnOrEnd(round: number): Promise<void> {
    const endMs = this.timeline.get().durationMs;
    let failures = 0;
    for (;;) {
      const { timeline, mayGrow } = await this.#options.refresh().catch((cause: unknown) => {
        if (++failures > MAX_REFRESH_FAILURES) throw cause;
        return { timeline: this.timeline.get(), mayGrow: true };
      });
      if (round !== this.#round) return;
      if (timeline.durationMs > endMs) {
        this.timeline.set(timeline);
        this.positionMs.set(endMs);
        this.#begin();
        return;
      }
      if (!mayGrow) break;
      await new Promise<void>((resolve) => this.#options.clock.after(REFRESH_MS, resolve));
    }
    this.#stop();
    this.positionMs.set(endMs);
    this.state.set({ kind: "ended" });
  }

  async #playVideo(round: number, fromMs: number): Promise<void> {
    for (const piece of this.timeline.get().pieces.video) {
      if (piece.toMs < fromMs) continue;
      using input = await this.#options.open(piece);
      const track = await input.getPrimaryVideoTrack();
      if (!track) continue;
      const firstS = await track.getFirstTimestamp();
      const beginS = firstS + Math.max(0, fromMs - piece.fromMs) / 1e3;
      for await (const sample of new VideoSampleSink(track).samples(beginS)) {
        using picture = sample;
        const dueMs = piece.fromMs + (picture.timestamp - firstS) * 1e3;
        if (this.#isBeyond(dueMs)) return;
        await this.#untilMs(round, dueMs);
        if (round !== this.#round) return;
        this.#draw(picture);
      }
    }
  }

  async #playAudio(round: number, fromMs: number, context: AudioContext): Promise<void> {
    for (const piece of this.timeline.get().pieces.audio) {
      if (piece.toMs < fromMs) continue;
      using input = await this.#options.open(piece);
      const track = await input.getPrimaryAudioTrack();
      if (!track) continue;
      const firstS = await track.getFirstTimestamp();
      const beginS = firstS + Math.max(0, fromMs - piece.fromMs) / 1e3;
      for await (const { buffer, timestamp } of new AudioBufferSink(track).buffers(beginS)) {
        const dueMs = piece.fromMs + (timestamp - firstS) * 1e3;
        if (this.#isBeyond(dueMs)) return;
        await this.#untilMs(round, dueMs - AHEAD_S * 1e3);
        if (round !== this.#round) return;
        const dueS = this.#anchor.atS + (dueMs - this.#anchor.positionMs) / 1e3;
        const lateS = context.currentTime - dueS;
        if (lateS >= buffer.duration) continue;
        const node = new AudioBufferSourceNode(context, { buffer });
        node.connect(context.destination);
        node.onended = () => this.#sounding.delete(node);
        this.#sounding.add(node);
        node.start(Math.max(dueS, context.currentTime), Math.max(0, lateS));
      }
    }
  }

  /** A file that grows may have more than the timeline knows of yet; that is for the next look. */
  #isBeyond(dueMs: number): boolean {
    return dueMs > this.timeline.get().durationMs + ROUNDING_MS;
  }

  /** Resolves when the timeline is there, or when it is not wanted any more. */
  async #untilMs(round: number, positionMs: number): Promise<void> {
    while (round === this.#round) {
      const waitMs = positionMs - this.#clockMs();
      if (waitMs <= 0.5) return;
      await new Promise<void>((resolve) =>
        this.#options.clock.after(Math.min(waitMs, TELL_EVERY_MS), resolve),
      );
    }
  }

  async #showPicture(positionMs: number): Promise<void> {
    const round = this.#round;
    const piece = this.timeline
      .get()
      .pieces.video.findLast(({ fromMs }, nth) => fromMs <= positionMs || nth === 0);
    if (!piece) return;
    using input = await this.#options.open(piece);
    const track = await input.getPrimaryVideoTrack();
    if (!track) return;
    const firstS = await track.getFirstTimestamp();
    const sample = await new VideoSampleSink(track).getSample(
      firstS + Math.max(0, positionMs - piece.fromMs) / 1e3,
    );
    if (!sample) return;
    if (round === this.#round) this.#draw(sample);
    sample.close();
  }

  #draw(sample: NonNullable<Awaited<ReturnType<VideoSampleSink["getSample"]>>>): void {
    const { canvas } = this.#options;
    if (canvas.width !== sample.displayWidth || canvas.height !== sample.displayHeight) {
      canvas.width = sample.displayWidth;
      canvas.height = sample.displayHeight;
    }
    const context = canvas.getContext("2d");
    if (context) sample.draw(context, 0, 0);
  }

  async #guarded(task: () => Promise<void>): Promise<void> {
    const round = this.#round;
    try {
      await task();
    } catch (cause) {
      if (round !== this.#round && this.state.get().kind !== "playing") return;
      this.#stop();
      this.state.set({ kind: "failed", message: cause instanceof Error ? cause.message : String(cause) });
    }
  }
}
