/** `interrupted` is WebKit's and Chromium's word for a call or another app that took the sound. */
export type AudioState = "running" | "suspended" | "interrupted" | "closed";

/** Opus works at this rate inside; an engine that is asked for it resamples once, and well. */
const OPUS_RATE_HZ = 48_000;

export type AudioContextFactory = (options?: AudioContextOptions) => AudioContext;

/**
 * A microphone inside Web Audio: one context and one source node, from which a level meter and an encoder may read at
 * the same time. Open it in the tap that starts capture: outside of one, a context begins suspended.
 */
export class AudioInput {
  readonly context: AudioContext;
  #source: MediaStreamAudioSourceNode;
  readonly #targets = new Set<AudioNode>();
  readonly #listeners = new Set<(state: AudioState) => void>();

  /** @throws NotSupportedError where the engine takes no microphone into Web Audio. */
  constructor(track: MediaStreamTrack, create: AudioContextFactory = (options) => new AudioContext(options)) {
    const opened = openContext(track, create);
    this.context = opened.context;
    this.#source = opened.source;
    this.context.onstatechange = () => {
      for (const listener of this.#listeners) listener(this.state);
    };
    // Safari starts a context suspended even inside a tap when the prompt came between.
    this.resume().catch(() => {});
  }

  get state(): AudioState {
    return this.context.state as AudioState;
  }

  /** @returns a function that ends the subscription. */
  onStateChange(listener: (state: AudioState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Feeds `node` from the microphone, now and after every `setTrack`. @returns a function that stops it. */
  connect(node: AudioNode): () => void {
    this.#targets.add(node);
    this.#source.connect(node);
    return () => {
      if (!this.#targets.delete(node)) return;
      this.#source.disconnect(node);
    };
  }

  /**
   * Goes on with a microphone that was taken again or chosen anew.
   *
   * @returns whether it can: Firefox takes no microphone of another rate into a context, see `openContext`.
   */
  setTrack(track: MediaStreamTrack): boolean {
    if (this.state === "closed") return false;
    let source: MediaStreamAudioSourceNode;
    try {
      source = this.context.createMediaStreamSource(new MediaStream([track]));
    } catch {
      return false;
    }
    this.#source.disconnect();
    this.#source = source;
    for (const node of this.#targets) source.connect(node);
    return true;
  }

  /** Nobody listens for now; `resume` goes on. */
  async suspend(): Promise<void> {
    if (this.state === "running") await this.context.suspend();
  }

  /** Try it when the page comes back and on the next tap. Rejects while the system holds the sound. */
  async resume(): Promise<void> {
    if (this.state !== "running" && this.state !== "closed") await this.context.resume();
  }

  async close(): Promise<void> {
    this.#source.disconnect();
    this.#targets.clear();
    this.#listeners.clear();
    if (this.state !== "closed") await this.context.close();
  }
}

function openContext(track: MediaStreamTrack, create: AudioContextFactory) {
  const stream = new MediaStream([track]);
  const open = (options?: AudioContextOptions) => {
    const context = create(options);
    try {
      return { context, source: context.createMediaStreamSource(stream) };
    } catch (error) {
      context.close().catch(() => {});
      throw error;
    }
  };
  try {
    return open({ sampleRate: OPUS_RATE_HZ });
  } catch {
    // Firefox takes a microphone only at its own rate: https://bugzilla.mozilla.org/show_bug.cgi?id=1725336
    return open();
  }
}
