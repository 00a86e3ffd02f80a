/**
 * What was delivered, as ranges with their hashes, for the comparison at the end (protocol/README.md, `end`).
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { HashedRange } from "../protocol/messages";

interface OpenRange {
  segment: number;
  from: number;
  bytes: number;
  // WebCrypto's digest takes a whole buffer at once; a range is hashed as it leaves, chunk by chunk.
  hash: ReturnType<typeof sha256.create>;
}

export class RangeLedger {
  #closed: HashedRange[];
  #open: OpenRange | null = null;

  /** @param earlier what a former sender of the same stream has delivered. */
  constructor(earlier: readonly HashedRange[] = []) {
    this.#closed = [...earlier];
  }

  /** Takes an acknowledged chunk; chunks come in the order of their seq. */
  delivered(segment: number, seq: number, payload: Uint8Array): void {
    if (this.#open?.segment !== segment) {
      this.breakRange();
      this.#open = { segment, from: seq, bytes: 0, hash: sha256.create() };
    }
    this.#open.bytes += payload.byteLength;
    this.#open.hash.update(payload);
  }

  /** The next chunk begins another range: a gap came between, or another backend process takes it. */
  breakRange(): void {
    if (this.#open) this.#closed.push(seal(this.#open));
    this.#open = null;
  }

  get ranges(): readonly HashedRange[] {
    return this.#open ? [...this.#closed, seal(this.#open)] : this.#closed;
  }
}

function seal({ segment, from, bytes, hash }: OpenRange): HashedRange {
  return { segment, from, bytes, sha256: bytesToHex(hash.clone().digest()) };
}
