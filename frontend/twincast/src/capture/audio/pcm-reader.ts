import { type Clock, systemClock } from "../../clock";
import { PCM_BLOCK_MS, PCM_STOP, type PcmBlock, type PcmInput } from "./pcm-input";

export interface PcmReaderOptions {
  readonly onBlock: (block: PcmBlock) => void;
  /** The input broke; no more blocks come. That it ended is no failure. */
  readonly onFailure: (detail: string) => void;
  readonly clock?: Clock;
}

/** Hands over an input's sound in blocks. @returns what ends it, and lets go of the input. */
export function readPcm(input: PcmInput, options: PcmReaderOptions): () => void {
  switch (input.by) {
    case "worklet": {
      const { port } = input;
      const clock = options.clock ?? systemClock;
      port.onmessage = ({ data }: MessageEvent<PcmBlock>) => options.onBlock(stamped(data, clock));
      return () => {
        port.onmessage = null;
        port.postMessage(PCM_STOP);
        port.close();
      };
    }
    case "track": {
      const reader = input.sound.getReader();
      const blocks = new PcmBlocks(input.sampleRate, options.onBlock, options.clock ?? systemClock);
      pump(reader, blocks).catch((cause) => options.onFailure(String(cause)));
      // It leaves the track alone: the microphone goes on for the meter, and for the next reader.
      return () => void reader.cancel().catch(() => {});
    }
  }
}

/** A block that took longer was not under way: the device's clock was set meanwhile. */
const MAX_ON_THE_WAY_MS = 5_000;

/**
 * The audio thread has no `performance`, only the device's clock, which may be set at any moment: of its stamp only
 * the time under way is believed.
 */
function stamped(block: PcmBlock, clock: Clock): PcmBlock {
  const underWayMs = Date.now() - block.at;
  const isBelieved = underWayMs >= 0 && underWayMs <= MAX_ON_THE_WAY_MS;
  return { ...block, at: clock.now() - (isBelieved ? underWayMs : 0) };
}

async function pump(reader: ReadableStreamDefaultReader<AudioData>, blocks: PcmBlocks): Promise<void> {
  for (;;) {
    const { done, value: data } = await reader.read();
    if (done) return;
    try {
      blocks.add(data);
    } finally {
      data.close();
    }
  }
}

/** Timestamps jitter by less; where they leap by more, sound is missing: it was dropped, or the device paused. */
const HOLE_MS = 40;

/** Cuts `AudioData` of any length and number of channels into blocks of one channel. */
class PcmBlocks {
  readonly #sampleRate: number;
  readonly #onBlock: (block: PcmBlock) => void;
  readonly #clock: Clock;
  #block: Float32Array<ArrayBuffer>;
  #filled = 0;
  /** The number of the next sample. */
  #position = 0;
  #startUs: number | undefined;

  constructor(sampleRate: number, onBlock: (block: PcmBlock) => void, clock: Clock) {
    this.#sampleRate = sampleRate;
    this.#onBlock = onBlock;
    this.#clock = clock;
    this.#block = this.#emptyBlock();
  }

  /** @throws RangeError for another sample rate than the announced one: an encoder is set up for one. */
  add(data: AudioData): void {
    const sampleRate = this.#sampleRate;
    if (data.sampleRate !== sampleRate) {
      throw new RangeError(`sound at ${data.sampleRate} Hz came where ${sampleRate} Hz were announced`);
    }
    this.#leapOver(data.timestamp);
    const sound = mono(data);
    for (let taken = 0; taken < sound.length; ) {
      const part = sound.subarray(taken, taken + this.#block.length - this.#filled);
      this.#block.set(part, this.#filled);
      this.#filled += part.length;
      this.#position += part.length;
      taken += part.length;
      if (this.#filled === this.#block.length) this.#emitBlock();
    }
  }

  /** Keeps positions in step with the source's time where sound is missing. */
  #leapOver(timestampUs: number): void {
    this.#startUs ??= timestampUs;
    const expected = Math.round(((timestampUs - this.#startUs) / 1e6) * this.#sampleRate);
    if (expected - this.#position < (HOLE_MS / 1e3) * this.#sampleRate) return;
    // What is in the block belongs before the hole.
    this.#filled = 0;
    this.#position = expected;
  }

  #emitBlock(): void {
    const samples = this.#block;
    this.#block = this.#emptyBlock();
    this.#filled = 0;
    this.#onBlock({ samples, position: this.#position - samples.length, at: this.#clock.now() });
  }

  #emptyBlock(): Float32Array<ArrayBuffer> {
    return new Float32Array(Math.round((this.#sampleRate * PCM_BLOCK_MS) / 1e3));
  }
}

/** The mean of all channels. */
function mono(data: AudioData): Float32Array {
  const { numberOfChannels, numberOfFrames } = data;
  const sum = new Float32Array(numberOfFrames);
  const plane = new Float32Array(numberOfFrames);
  for (let planeIndex = 0; planeIndex < numberOfChannels; planeIndex++) {
    data.copyTo(plane, { planeIndex, format: "f32-planar" });
    for (let i = 0; i < numberOfFrames; i++) sum[i] = (sum[i] ?? 0) + (plane[i] ?? 0) / numberOfChannels;
  }
  return sum;
}
