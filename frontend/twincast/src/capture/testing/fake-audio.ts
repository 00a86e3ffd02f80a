import type { AudioState } from "../devices/audio-input";

/** What is heard: an analyser reads its samples from here. */
interface Sound {
  samples: number[];
}

export class FakeAudioNode {
  readonly connections = new Set<unknown>();
  readonly stream: unknown;

  constructor(stream?: unknown) {
    this.stream = stream;
  }

  connect(node: unknown): void {
    this.connections.add(node);
  }

  disconnect(node?: unknown): void {
    if (node === undefined) this.connections.clear();
    else this.connections.delete(node);
  }
}

export class FakeAudioContext {
  state: AudioState = "suspended";
  onstatechange: (() => void) | null = null;
  /** `resume` is refused, as by a system that is in a call. */
  refusesResume = false;
  readonly sound: Sound = { samples: [] };
  readonly sources: FakeAudioNode[] = [];
  readonly sampleRate: number;

  constructor(options: AudioContextOptions = {}) {
    this.sampleRate = options.sampleRate ?? 44_100;
  }

  createMediaStreamSource(stream: unknown): FakeAudioNode {
    const source = new FakeAudioNode(stream);
    this.sources.push(source);
    return source;
  }

  async resume(): Promise<void> {
    if (this.refusesResume) throw new DOMException("interrupted", "InvalidStateError");
    this.setState("running");
  }

  async suspend(): Promise<void> {
    this.setState("suspended");
  }

  async close(): Promise<void> {
    this.setState("closed");
  }

  setState(state: AudioState): void {
    this.state = state;
    this.onstatechange?.();
  }

  get asContext(): AudioContext {
    return this as unknown as AudioContext;
  }
}

/** Stands in for the global `AnalyserNode`. */
export class FakeAnalyserNode {
  readonly fftSize: number;
  readonly #context: FakeAudioContext;

  constructor(context: FakeAudioContext, { fftSize = 2048 }: AnalyserOptions = {}) {
    this.#context = context;
    this.fftSize = fftSize;
  }

  getFloatTimeDomainData(into: Float32Array): void {
    const { samples } = this.#context.sound;
    for (let i = 0; i < into.length; i++) into[i] = samples[i % samples.length] ?? 0;
  }
}

/** Stands in for the global `MediaStream`. */
export class FakeMediaStream {
  readonly tracks: unknown[];

  constructor(tracks: unknown[]) {
    this.tracks = tracks;
  }
}
