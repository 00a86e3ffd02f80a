/**
 * What was delivered, as ranges with their hashes, for the comparison at the end (protocol/README.md, `end`). The hash is
 * a chain: h_n = SHA-256(h_(n-1) || payload_n).
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import type { HashedRange } from "../protocol/messages";

interface OpenRange {
  segment: number;
  from: number;
  bytes: number;
  chain: Uint8Array;
}

/** h_0. */
const CHAIN_BEGIN = new Uint8Array(32);

export class RangeLedger {
  #closed: HashedRange[];
  #open: OpenRange | null = null;

  /**
   * @param earlier what a former sender of the same stream has delivered.
   * @param lastIsOpen whether what comes next of the last range's segment goes on with that range.
   */
  constructor(earlier: readonly HashedRange[] = [], lastIsOpen = false) {
    this.#closed = [...earlier];
    const last = lastIsOpen ? this.#closed.pop() : undefined;
    if (last) this.#open = { ...last, chain: hexToBytes(last.chain) };
  }

  /** Whether the last range may still grow. */
  get isOpen(): boolean {
    return this.#open !== null;
  }

  /**
   * Takes chunks that a lost sender had on their way and that arrived, in the order of their seq. Nobody has their
   * payloads any more to hash them.
   *
   * @param lastWasOpen whether they go on with the last range, where they are of its segment.
   */
  arrivedUnhashed(
    chunks: readonly { readonly segment: number | null; readonly firstSeq: number }[],
    lastWasOpen: boolean,
  ): void {
    let open = lastWasOpen ? this.#closed.pop() : undefined;
    for (const { segment, firstSeq } of chunks) {
      if (segment === null) continue;
      if (open && open.segment !== segment) this.#closed.push(open);
      open =
        open?.segment === segment
          ? { ...open, maybeShorter: true }
          : { ...seal({ segment, from: firstSeq, bytes: 0, chain: CHAIN_BEGIN }), maybeShorter: true };
    }
    if (open) this.#closed.push(open);
  }

  /** Takes an acknowledged chunk; chunks come in the order of their seq. */
  delivered(segment: number, seq: number, payload: Uint8Array): void {
    if (this.#open?.segment !== segment) {
      this.breakRange();
      this.#open = { segment, from: seq, bytes: 0, chain: CHAIN_BEGIN };
    }
    this.#open.bytes += payload.byteLength;
    // Not by WebCrypto, which is asynchronous: what is acknowledged is hashed before it is let go of.
    this.#open.chain = sha256.create().update(this.#open.chain).update(payload).digest();
  }

  /** The next chunk begins another range: another backend process takes it. What follows a gap is of another segment. */
  breakRange(): void {
    if (this.#open) this.#closed.push(seal(this.#open));
    this.#open = null;
  }

  get ranges(): readonly HashedRange[] {
    return this.#open ? [...this.#closed, seal(this.#open)] : [...this.#closed];
  }
}

function seal({ segment, from, bytes, chain }: OpenRange): HashedRange {
  return { segment, from, bytes, chain: bytesToHex(chain) };
}
