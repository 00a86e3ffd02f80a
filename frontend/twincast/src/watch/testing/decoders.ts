/** Decoders that tests play: what goes in comes out when the test says so. */

export class PlayedDecoder {
  state: "unconfigured" | "configured" | "closed" = "unconfigured";
  config: object | null = null;
  readonly given: { readonly type: string; readonly timestamp: number }[] = [];
  readonly #init: { output(output: never): void; error(error: DOMException): void };
  #done = 0;

  constructor(init: { output(output: never): void; error(error: DOMException): void }) {
    this.#init = init;
  }

  get decodeQueueSize(): number {
    return this.given.length - this.#done;
  }

  configure(config: object): void {
    this.config = config;
    this.state = "configured";
  }

  decode(chunk: { readonly type: string; readonly timestamp: number }): void {
    if (this.state !== "configured") throw new Error("not configured");
    if (this.given.length === 0 && chunk.type !== "key") throw new Error("a key frame is needed");
    this.given.push(chunk);
  }

  close(): void {
    if (this.state === "closed") throw new Error("closed already");
    this.state = "closed";
  }

  /** Gives out what was decoded. @param make what a frame is besides its timestamp. */
  give(make: object = {}, count = this.decodeQueueSize): void {
    for (let n = 0; n < count; n++) {
      const chunk = this.given[this.#done++];
      if (chunk) this.#init.output({ timestamp: chunk.timestamp, close() {}, ...make } as never);
    }
  }

  break(name = "EncodingError"): void {
    this.state = "closed";
    this.#init.error(new DOMException("it broke", name));
  }
}

/** Stands in for `EncodedVideoChunk` and `EncodedAudioChunk`, which Node has not. */
export class PlayedChunk {
  readonly type: string;
  readonly timestamp: number;

  constructor({ type, timestamp }: { type: string; timestamp: number }) {
    this.type = type;
    this.timestamp = timestamp;
  }
}
