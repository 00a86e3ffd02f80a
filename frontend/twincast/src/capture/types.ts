/**
 * What capture hands over, whoever takes it. Capture knows no network: a `ChunkSink` may be a transport,
 * a worker's port or a test.
 */

import type { EncodedChunk, SegmentInfo } from "../model/media";

/** A size in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Takes one stream's segments in order: `segment`, its chunks, `segmentEnd`, the next `segment`. */
export interface ChunkSink {
  segment(info: SegmentInfo): void;
  chunk(chunk: EncodedChunk): void;
  segmentEnd(): void;
}
