/**
 * What was delivered, as runs with their hashes, for the comparison at the end (protocol/README.md, `end`).
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Run } from "../protocol/messages";

interface OpenRun {
  segment: number;
  from: number;
  bytes: number;
  // WebCrypto's digest takes a whole buffer at once; a run is hashed as it leaves, chunk by chunk.
  hash: ReturnType<typeof sha256.create>;
}

export class RunLedger {
  #closed: Run[] = [];
  #open: OpenRun | null = null;

  /** Takes an acknowledged chunk; chunks come in the order of their seq. */
  delivered(segment: number, seq: number, payload: Uint8Array): void {
    if (this.#open?.segment !== segment) {
      this.breakRun();
      this.#open = { segment, from: seq, bytes: 0, hash: sha256.create() };
    }
    this.#open.bytes += payload.byteLength;
    this.#open.hash.update(payload);
  }

  /** The next chunk begins another run: a gap came between, or another backend process takes it. */
  breakRun(): void {
    if (this.#open) this.#closed.push(seal(this.#open));
    this.#open = null;
  }

  get runs(): readonly Run[] {
    return this.#open ? [...this.#closed, seal(this.#open)] : this.#closed;
  }
}

function seal({ segment, from, bytes, hash }: OpenRun): Run {
  return { segment, from, bytes, sha256: bytesToHex(hash.clone().digest()) };
}
