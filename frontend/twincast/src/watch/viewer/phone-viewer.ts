/** Both streams of one phone in one worker: they share the playhead, and nothing else. */

import type { Clock } from "../../clock";
import type { StreamKind } from "../../model/stream";
import { Playhead } from "../play/playhead";
import type { SoundReport } from "../play/sound";
import { SoundPlayer } from "../play/sound-player";
import { VideoPlayer } from "../play/video-player";
import type { ViewerCommand, ViewerEvent } from "./commands";
import type { OpenWatchSocket } from "./watch-socket";
import { WatchedStream } from "./watched-stream";

export interface ViewerEnvironment {
  readonly clock: Clock;
  readonly openSocket: OpenWatchSocket;
  readonly random: () => number;
  readonly createVideoDecoder: (init: VideoDecoderInit) => VideoDecoder;
  readonly createAudioDecoder: (init: AudioDecoderInit) => AudioDecoder;
  readonly post: (event: ViewerEvent) => void;
}

/** Figures that a person reads. */
const TELL_EVERY_MS = 250;

type Watch = Extract<ViewerCommand, { kind: "watch" }>;

export class PhoneViewer {
  readonly #environment: ViewerEnvironment;
  readonly #playhead = new Playhead();
  readonly #streams: WatchedStream[] = [];
  readonly #watch: Watch;
  readonly #sound: SoundPlayer;
  readonly #video: VideoPlayer;
  readonly #canvas: OffscreenCanvas;
  readonly #context: OffscreenCanvasRenderingContext2D | null;
  #isVisible = true;
  #listening: { readonly port: MessagePort; readonly latencyMs: number } | null = null;
  #toldAt = Number.NEGATIVE_INFINITY;
  #cancelTelling: (() => void) | null = null;

  constructor(watch: Watch, environment: ViewerEnvironment) {
    this.#watch = watch;
    this.#environment = environment;
    const { canvas, streams } = watch;
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d", { alpha: false, desynchronized: true });
    const { clock } = environment;
    this.#video = new VideoPlayer({
      clock,
      dueInMs: (capturedAt, at) => this.#playhead.dueInMs(capturedAt, at),
      createDecoder: environment.createVideoDecoder,
      draw: (frame, capturedAt) => this.#draw(frame, capturedAt),
      onSkipped: (from, to) => this.#stream("video")?.skippedHere(from, to),
      onFailure: (detail) => this.#stream("video")?.noDecoder(detail),
    });
    this.#sound = new SoundPlayer({
      createDecoder: environment.createAudioDecoder,
      onFailure: (detail) => this.#stream("audio")?.noDecoder(detail),
    });
    for (const kind of streams) this.#add(kind);
    this.#tell();
  }

  #add(kind: StreamKind): void {
    if (this.#stream(kind)) return;
    const { socketUrl, watchId, token } = this.#watch;
    const { clock, openSocket, random } = this.#environment;
    this.#streams.push(
      new WatchedStream({
        url: socketUrl,
        watchId,
        kind,
        token: () => token,
        openSocket,
        clock,
        random,
        playhead: this.#playhead,
        player: kind === "video" ? this.#video : this.#sound,
        onChange: () => this.#tell(),
      }),
    );
    this.#restWhatNobodyFollows();
  }

  handle(command: Exclude<ViewerCommand, Watch>): void {
    switch (command.kind) {
      case "add":
        this.#add(command.stream);
        return;
      case "visible":
        this.#isVisible = command.visible;
        this.#restWhatNobodyFollows();
        return;
      case "listen":
        this.#listen(command);
        return;
      case "stop-listening":
        this.#stopListening();
        this.#restWhatNobodyFollows();
        return;
      case "retry":
        for (const stream of this.#streams) stream.retryNow();
        return;
      case "close":
        this.#cancelTelling?.();
        this.#stopListening();
        for (const stream of this.#streams) stream.close();
        return;
    }
  }

  /** A tab in the background shows nothing; who listens goes on listening. */
  #restWhatNobodyFollows(): void {
    for (const stream of this.#streams) {
      const isFollowed = this.#isVisible || (stream.kind === "audio" && this.#listening !== null);
      if (isFollowed) stream.open();
      else stream.rest();
    }
  }

  #listen({ port, sampleRate, latencyMs }: Extract<ViewerCommand, { kind: "listen" }>): void {
    this.#stopListening();
    this.#listening = { port, latencyMs };
    port.onmessage = ({ data }: MessageEvent<SoundReport>) => this.#heard(data.capturedAt - latencyMs);
    this.#sound.listen({ port, sampleRate });
    this.#stream("audio")?.open();
  }

  #stopListening(): void {
    if (!this.#listening) return;
    this.#sound.listen(null);
    this.#playhead.silent();
    this.#listening.port.onmessage = null;
    this.#listening.port.close();
    this.#listening = null;
  }

  #heard(capturedAt: number): void {
    this.#playhead.heard(capturedAt, this.#environment.clock.now());
    this.#sound.target(this.#playhead.soundBufferMs());
    this.#stream("audio")?.shown(capturedAt);
    this.#video.pump();
  }

  #draw(frame: VideoFrame, capturedAt: number): void {
    const { displayWidth, displayHeight } = frame;
    const canvas = this.#canvas;
    if (canvas.width !== displayWidth || canvas.height !== displayHeight) {
      canvas.width = displayWidth;
      canvas.height = displayHeight;
    }
    this.#context?.drawImage(frame, 0, 0);
    frame.close();
    this.#stream("video")?.shown(capturedAt);
    this.#tell();
  }

  #stream(kind: StreamKind): WatchedStream | undefined {
    return this.#streams.find((stream) => stream.kind === kind);
  }

  /** Now, or when the last time is long enough ago; and again, so that rates fall when nothing comes. */
  #tell(): void {
    if (this.#cancelTelling) return;
    const { clock, post } = this.#environment;
    const tell = () => {
      this.#cancelTelling = null;
      this.#toldAt = clock.now();
      post({ streams: this.#streams.map((stream) => stream.state()) });
      if (this.#streams.some((stream) => isGoingOn(stream))) this.#tell();
    };
    const waitMs = Math.max(0, this.#toldAt + TELL_EVERY_MS - clock.now());
    this.#cancelTelling = clock.after(waitMs, tell);
  }
}

function isGoingOn(stream: WatchedStream): boolean {
  const { kind } = stream.state().status;
  return kind !== "ended" && kind !== "failed" && kind !== "resting";
}
