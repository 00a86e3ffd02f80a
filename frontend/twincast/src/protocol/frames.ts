/**
 * The binary frames of twincast.v1 (protocol/README.md, "Binary: the chunk"). Pure.
 */

export const SUBPROTOCOL = "twincast.v1";
export const HEADER_BYTES = 24;
/** The smallest `maxChunkBytes` that a backend may set: payloads of at most this size are taken everywhere. */
export const SAFE_CHUNK_BYTES = 65_536;

const VERSION = 1;
const FIRST = 1;
const LAST = 2;
const KEY_FRAME = 4;
const KNOWN_FLAGS = FIRST | LAST | KEY_FRAME;
/** The last instant that a JavaScript Date can hold, ms since the epoch. */
const LATEST_MS = 8.64e15;

export interface ChunkHeader {
  readonly segment: number;
  readonly seq: number;
  readonly first: boolean;
  readonly last: boolean;
  readonly keyFrame: boolean;
  /** ms since the epoch on the client's clock. */
  readonly capturedFrom: number;
  readonly capturedTo: number;
}

/** A frame or message that breaks the rules of protocol/README.md. */
export class ProtocolError extends Error {
  readonly code = "bad-message";
  override readonly name = "ProtocolError";
}

/** @returns the chunk's message: the 24-byte header, then a copy of `payload`. */
export function encodeChunk(header: ChunkHeader, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(HEADER_BYTES + payload.byteLength);
  const view = new DataView(message.buffer);
  view.setUint8(0, VERSION);
  view.setUint8(1, (header.first ? FIRST : 0) | (header.last ? LAST : 0) | (header.keyFrame ? KEY_FRAME : 0));
  view.setUint16(2, header.segment);
  view.setUint32(4, header.seq);
  view.setFloat64(8, header.capturedFrom);
  view.setFloat64(16, header.capturedTo);
  message.set(payload, HEADER_BYTES);
  return message;
}

/** Gives a chunk's message, as `encodeChunk` made it, another seq. */
export function renumberChunk(message: Uint8Array<ArrayBuffer>, seq: number): void {
  new DataView(message.buffer, message.byteOffset).setUint32(4, seq);
}

/**
 * @returns the header and a view (no copy) of the payload.
 * @throws ProtocolError when the bytes are not a chunk of this version.
 */
export function decodeChunk(message: Uint8Array): { header: ChunkHeader; payload: Uint8Array } {
  if (message.byteLength < HEADER_BYTES) {
    throw new ProtocolError(`A chunk has a header of ${HEADER_BYTES} bytes; this has ${message.byteLength}.`);
  }
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const version = view.getUint8(0);
  if (version !== VERSION) throw new ProtocolError(`Chunk version ${version} is not ${VERSION}.`);
  const flags = view.getUint8(1);
  if (flags & ~KNOWN_FLAGS) throw new ProtocolError(`Chunk flags ${flags} have a reserved bit set.`);
  const capturedFrom = view.getFloat64(8);
  const capturedTo = view.getFloat64(16);
  // Written so that NaN fails it.
  if (!(capturedFrom >= 0 && capturedFrom <= capturedTo && capturedTo <= LATEST_MS)) {
    throw new ProtocolError(`Chunk times ${capturedFrom} to ${capturedTo} are not a span of time.`);
  }
  return {
    header: {
      segment: view.getUint16(2),
      seq: view.getUint32(4),
      first: (flags & FIRST) !== 0,
      last: (flags & LAST) !== 0,
      keyFrame: (flags & KEY_FRAME) !== 0,
      capturedFrom,
      capturedTo,
    },
    payload: message.subarray(HEADER_BYTES),
  };
}
