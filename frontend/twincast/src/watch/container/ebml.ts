/** The two kinds of numbers that EBML is made of (https://www.rfc-editor.org/rfc/rfc8794). Pure. */
import { ContainerError } from "./packets";

/** Where an element's content lies. */
export interface ElementHead {
  readonly id: number;
  /** Of the content; null where the writer did not know it yet: all ones. */
  readonly size: number | null;
  /** Of id and size together. */
  readonly headBytes: number;
}

const MAX_ID_BYTES = 4;
const MAX_SIZE_BYTES = 8;

/**
 * @returns the head of the element that begins at `offset`, or null where some of it has not come yet.
 * @throws ContainerError where no element can begin so.
 */
export function readHead(bytes: Uint8Array, offset: number): ElementHead | null {
  const idBytes = lengthAt(bytes, offset, MAX_ID_BYTES);
  if (idBytes === null || offset + idBytes > bytes.length) return null;
  const id = readUint(bytes.subarray(offset, offset + idBytes));
  const sizeAt = offset + idBytes;
  const sizeBytes = lengthAt(bytes, sizeAt, MAX_SIZE_BYTES);
  if (sizeBytes === null || sizeAt + sizeBytes > bytes.length) return null;
  const ones = 2 ** (7 * sizeBytes) - 1;
  const marker = 2 ** (7 * sizeBytes);
  const size = readUint(bytes.subarray(sizeAt, sizeAt + sizeBytes)) - marker;
  return { id, size: size === ones ? null : size, headBytes: idBytes + sizeBytes };
}

/** The leading zeros of its first byte tell how long a number is. */
function lengthAt(bytes: Uint8Array, offset: number, maxBytes: number): number | null {
  const first = bytes[offset];
  if (first === undefined) return null;
  const length = Math.clz32(first) - 23;
  if (length > maxBytes) {
    throw new ContainerError("malformed", `No element begins with the byte ${first} at ${offset}.`);
  }
  return length;
}

/** Big-endian, of any length; exact up to 2^53. */
export function readUint(bytes: Uint8Array): number {
  let value = 0;
  for (const byte of bytes) value = value * 256 + byte;
  return value;
}

/** IEEE 754, of 4 or 8 bytes; an empty one is 0. */
export function readFloat(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength === 4) return view.getFloat32(0);
  return bytes.byteLength === 8 ? view.getFloat64(0) : 0;
}

/**
 * The elements inside of one that has come whole.
 *
 * @throws ContainerError where one reaches beyond its parent.
 */
export function* elementsOf(content: Uint8Array): Generator<{ id: number; content: Uint8Array }> {
  for (let offset = 0; offset < content.length; ) {
    const head = readHead(content, offset);
    const begin = offset + (head?.headBytes ?? 0);
    if (!head || head.size === null || begin + head.size > content.length) {
      throw new ContainerError("malformed", "An element reaches beyond the one that holds it.");
    }
    yield { id: head.id, content: content.subarray(begin, begin + head.size) };
    offset = begin + head.size;
  }
}
