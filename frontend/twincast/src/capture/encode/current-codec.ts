import type { Clock } from "../../clock";

/** For a codec's last frames: one that the system holds back never gives them. */
export const FLUSH_MS = 2_000;

interface Codec {
  readonly state: CodecState;
  flush(): Promise<void>;
  close(): void;
}

/** The codec that an encoder of ours has now. The system may take it back at any time, and another one takes its place. */
export class CurrentCodec<Kind extends Codec> {
  #codec: Kind | undefined;

  get value(): Kind | undefined {
    return this.#codec;
  }

  /** Puts another one in its place. @param onError told of the one of now only. */
  open(create: (error: (cause: unknown) => void) => Kind, onError: (detail: string) => void): Kind {
    const codec: Kind = create((cause) => {
      if (this.#codec === codec) onError(String(cause));
    });
    this.#codec = codec;
    return codec;
  }

  /** Resolves when it has given everything that it has, was taken back, or took too long. */
  async flush(clock: Clock): Promise<void> {
    const codec = this.#codec;
    // One that was taken back has lost what it had; everything before is in the writer.
    if (codec?.state !== "configured") return;
    let cancel = () => {};
    const late = new Promise<void>((resolve) => {
      cancel = clock.after(FLUSH_MS, resolve);
    });
    await Promise.race([codec.flush().catch(() => {}), late]);
    cancel();
  }

  close(): void {
    const codec = this.#codec;
    this.#codec = undefined;
    if (codec && codec.state !== "closed") codec.close();
  }
}
