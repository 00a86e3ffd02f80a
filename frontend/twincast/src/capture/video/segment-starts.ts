import type { SegmentPlan } from "../encode/segment-writer";

/** What to do with a frame that came out of the encoder. */
export type Placement =
  | { readonly kind: "write"; readonly timestampUs: number; readonly decoderConfig: VideoDecoderConfig }
  | {
      readonly kind: "begin";
      readonly plan: SegmentPlan;
      readonly timestampUs: 0;
      readonly decoderConfig: VideoDecoderConfig;
    }
  /** It cannot be decoded where it stands: ask for a key frame. */
  | { readonly kind: "skip" };

/**
 * Decides where segments begin in the row of frames that an encoder gives. A segment is asked for when a frame goes in
 * and begins when that frame, or the first key frame after it, comes out: so the encoder runs on and no frame is lost.
 * Pure.
 */
export class SegmentStarts {
  #asked: { readonly timestampUs: number; readonly plan: SegmentPlan }[] = [];
  #current: { readonly startUs: number; readonly plan: SegmentPlan } | undefined;
  #decoderConfig: VideoDecoderConfig | undefined;

  /** A segment shall begin with the frame of this timestamp, which was encoded as a key frame. */
  ask(timestampUs: number, plan: SegmentPlan): void {
    this.#asked.push({ timestampUs, plan });
  }

  /** What was asked for and has not begun will not: the encoder is gone. */
  forget(): void {
    this.#asked = [];
    this.#current = undefined;
  }

  /** @param announced the configuration that came with the frame, if any. */
  place(chunk: Pick<EncodedVideoChunk, "type" | "timestamp">, announced?: VideoDecoderConfig): Placement {
    const { timestamp: timestampUs } = chunk;
    // Encoders repeat an equal configuration when they like.
    if (announced && !isSameConfig(announced, this.#decoderConfig)) {
      this.#decoderConfig = announced;
      // A header made of the former one does not decode what comes now.
      if (this.#current) this.#asked.unshift({ timestampUs, plan: this.#current.plan });
    }
    const decoderConfig = this.#decoderConfig;
    const due = this.#asked.filter((start) => start.timestampUs <= timestampUs).at(-1);
    if (!decoderConfig || (!due && !this.#current)) return { kind: "skip" };
    if (due) {
      // A realtime encoder may leave out any frame, also the key frame that a segment was to begin with.
      if (chunk.type !== "key") return { kind: "skip" };
      this.#asked = this.#asked.filter((start) => start.timestampUs > timestampUs);
      this.#current = { startUs: timestampUs, plan: due.plan };
      return { kind: "begin", plan: due.plan, timestampUs: 0, decoderConfig };
    }
    return { kind: "write", timestampUs: timestampUs - (this.#current?.startUs ?? 0), decoderConfig };
  }
}

/** Whether a decoder set up for one can go on with the other. */
function isSameConfig(one: VideoDecoderConfig, other: VideoDecoderConfig | undefined): boolean {
  return (
    other !== undefined &&
    one.codec === other.codec &&
    one.codedWidth === other.codedWidth &&
    one.codedHeight === other.codedHeight &&
    bytesOf(one.description) === bytesOf(other.description)
  );
}

function bytesOf(description: AllowSharedBufferSource | undefined): string {
  if (!description) return "";
  const bytes = ArrayBuffer.isView(description)
    ? new Uint8Array(description.buffer, description.byteOffset, description.byteLength)
    : new Uint8Array(description);
  return bytes.join();
}
