/**
 * Encoders, frames and a muxer that do what a test says, for what Node does not have. The casts to the DOM's types are
 * in this one file.
 */
import type { MuxerFactory } from "../encode/muxer";

export class FakeFrame {
  isClosed = false;
  readonly timestamp: number;
  readonly displayWidth: number;
  readonly displayHeight: number;
  readonly rotation: number | undefined;
  readonly flip = false;

  /** @param rotation `hidden` in engines that do not tell it. */
  constructor(timestamp: number, width = 640, height = 480, rotation: number | "hidden" = 0) {
    this.timestamp = timestamp;
    this.displayWidth = width;
    this.displayHeight = height;
    this.rotation = rotation === "hidden" ? undefined : rotation;
  }

  close(): void {
    this.isClosed = true;
  }

  get asFrame(): VideoFrame {
    return this as unknown as VideoFrame;
  }
}

/** Stands in for the global `VideoFrame`, where one is made of another. */
export class FakeDerivedFrame extends FakeFrame {
  constructor(of: FakeFrame, { timestamp }: { timestamp: number }) {
    super(timestamp, of.displayWidth, of.displayHeight, of.rotation ?? "hidden");
  }
}

interface FakeInit {
  output: (chunk: never, metadata: never) => void;
  error: (cause: DOMException) => void;
}

interface Encoded {
  timestamp: number;
  keyFrame: boolean;
}

/** Gives one chunk per frame, in the microtask after it, unless told otherwise. */
export class FakeEncoder {
  state: CodecState = "unconfigured";
  encodeQueueSize = 0;
  readonly configs: {
    codec: string;
    width?: number;
    height?: number;
    bitrate?: number;
    sampleRate?: number;
  }[] = [];
  readonly encoded: Encoded[] = [];
  /** Frames go in, nothing comes out. */
  isMute = false;
  /** Frames of these numbers (from 0) are left out, as a realtime encoder may. */
  leavesOut = new Set<number>();
  readonly #init: FakeInit;
  #held: Encoded[] = [];
  #announces: object | undefined;

  constructor(init: FakeInit) {
    this.#init = init;
  }

  configure(config: FakeEncoder["configs"][number]): void {
    this.state = "configured";
    this.configs.push(config);
    const { codec, width, height, sampleRate } = config;
    this.#announces = { codec, codedWidth: width, codedHeight: height, sampleRate, numberOfChannels: 1 };
  }

  encode({ timestamp }: { timestamp: number }, { keyFrame = false }: { keyFrame?: boolean } = {}): void {
    if (this.state !== "configured") throw new DOMException("The codec was taken back", "InvalidStateError");
    const number = this.encoded.push({ timestamp, keyFrame }) - 1;
    if (this.leavesOut.has(number)) return;
    if (this.isMute) this.#held.push({ timestamp, keyFrame });
    else this.#give({ timestamp, keyFrame });
  }

  async flush(): Promise<void> {
    for (const encoded of this.#held.splice(0)) this.#give(encoded);
  }

  close(): void {
    this.state = "closed";
  }

  fail(name: string): void {
    this.state = "closed";
    this.#init.error(new DOMException("no reason", name));
  }

  /** The next chunk comes with another decoder configuration, as after a change of parameter sets. */
  changeConfig(description: Uint8Array): void {
    this.#announces = { ...this.configs.at(-1), codedWidth: 1, codedHeight: 1, description };
  }

  #give({ timestamp, keyFrame }: Encoded): void {
    const text = new TextEncoder().encode(`${keyFrame ? "K" : "d"}${Math.round(timestamp / 1_000)} `);
    const chunk = {
      type: keyFrame ? "key" : "delta",
      timestamp,
      duration: 20_000,
      byteLength: text.byteLength,
      copyTo: (into: Uint8Array) => into.set(text),
    };
    const announces = this.#announces;
    this.#announces = undefined;
    this.#init.output(chunk as never, (announces ? { decoderConfig: announces } : {}) as never);
  }
}

/** Makes encoders and keeps them for the test. */
export class FakeEncoders {
  readonly made: FakeEncoder[] = [];
  /** Done to each encoder before it is used. */
  prepare: (encoder: FakeEncoder) => void = () => {};

  readonly video = (init: VideoEncoderInit): VideoEncoder => this.#make(init) as unknown as VideoEncoder;
  readonly audio = (init: AudioEncoderInit): AudioEncoder => this.#make(init) as unknown as AudioEncoder;

  get last(): FakeEncoder {
    const encoder = this.made.at(-1);
    if (!encoder) throw new Error("No encoder was made.");
    return encoder;
  }

  #make(init: unknown): FakeEncoder {
    const encoder = new FakeEncoder(init as FakeInit);
    this.prepare(encoder);
    this.made.push(encoder);
    return encoder;
  }
}

const text = (value: string) => new TextEncoder().encode(value) as Uint8Array<ArrayBuffer>;

/** A muxer whose files can be read by eye: a header, the frames, an end. */
export const fakeMuxer: MuxerFactory = async (codec) => {
  let isFirst = true;
  return {
    mimeType: (kind) => `${kind}/fake`,
    async add(chunk) {
      const frame = new Uint8Array(chunk.byteLength);
      chunk.copyTo(frame);
      const header = isFirst ? `<${codec}> ` : "";
      isFirst = false;
      return text(header + new TextDecoder().decode(frame));
    },
    async finish() {
      return text("</>");
    },
  };
};
