import type { EncodedChunk, SegmentInfo } from "../../model/media";
import type { ChunkSink } from "../types";

/** A sink that remembers, and that refuses what breaks the order `segment`, chunks, `segmentEnd`. */
export class RecordingSink implements ChunkSink {
  readonly segments: { info: SegmentInfo; chunks: EncodedChunk[]; isOpen: boolean }[] = [];

  segment(info: SegmentInfo): void {
    if (this.segments.at(-1)?.isOpen) throw new Error("A segment began inside another.");
    this.segments.push({ info, chunks: [], isOpen: true });
  }

  chunk(chunk: EncodedChunk): void {
    this.#open().chunks.push(chunk);
  }

  segmentEnd(): void {
    this.#open().isOpen = false;
  }

  /** Each segment's payloads, laid end to end, as text; an unfinished segment ends in "…". */
  get texts(): string[] {
    const decoder = new TextDecoder();
    return this.segments.map(
      ({ chunks, isOpen }) =>
        chunks.map(({ payload }) => decoder.decode(payload)).join("|") + (isOpen ? "…" : ""),
    );
  }

  #open(): { chunks: EncodedChunk[]; isOpen: boolean } {
    const segment = this.segments.at(-1);
    if (!segment?.isOpen) throw new Error("There is no open segment.");
    return segment;
  }
}
