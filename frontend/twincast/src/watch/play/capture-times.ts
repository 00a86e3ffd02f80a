/**
 * When the media of a segment were captured, from the two clocks that every chunk carries: its file's and the phone's.
 * One for each segment. Pure.
 */

/** A sound card's clock runs apart from the system's by much less. */
const DRIFT_PER_S_MS = 2;

export class CaptureTimes {
  /** When the segment's time 0 was captured, ms since the epoch on the phone's clock. */
  #originMs: number | null = null;
  #notedAt = 0;

  /**
   * Nothing is captured after it was sent, and recorders stamp what they give when they give it, which is up to a chunk
   * after it was captured: the earliest origin that any chunk tells is the nearest to the truth.
   *
   * @param endUs where the last packet of a chunk ends, in the file's time.
   * @param capturedTo the chunk's, ms since the epoch on the phone's clock.
   */
  note(endUs: number, capturedTo: number): void {
    const told = capturedTo - endUs / 1e3;
    const mayHaveDriftedMs = (DRIFT_PER_S_MS / 1e3) * Math.max(0, capturedTo - this.#notedAt);
    this.#originMs = this.#originMs === null ? told : Math.min(told, this.#originMs + mayHaveDriftedMs);
    this.#notedAt = capturedTo;
  }

  /** @returns ms since the epoch on the phone's clock; null before the first chunk was noted. */
  at(timestampUs: number): number | null {
    return this.#originMs === null ? null : this.#originMs + timestampUs / 1e3;
  }
}

/** Samples in one frame of AAC. */
const AAC_FRAME = 1_024;
/** ms of one Opus frame, by the configuration in the packet's first byte (RFC 6716, section 3.1). */
const OPUS_FRAME_MS = [
  ...[10, 20, 40, 60, 10, 20, 40, 60, 10, 20, 40, 60],
  ...[10, 20, 10, 20],
  ...[2.5, 5, 10, 20, 2.5, 5, 10, 20, 2.5, 5, 10, 20, 2.5, 5, 10, 20],
];

/** How long a packet of sound plays, µs. 0 for a codec that does not tell. */
export function packetUs(codec: string, packet: Uint8Array, sampleRate: number): number {
  if (codec.startsWith("mp4a")) return (AAC_FRAME / sampleRate) * 1e6;
  const [toc, counts = 0] = packet;
  if (codec !== "opus" || toc === undefined) return 0;
  const frameMs = OPUS_FRAME_MS[toc >> 3] ?? 0;
  const code = toc & 3;
  return frameMs * 1e3 * (code === 0 ? 1 : code === 3 ? counts & 0x3f : 2);
}
