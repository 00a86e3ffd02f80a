/**
 * Where the frames lie in a WebM or Matroska file that was written live: clusters of unknown or known size. https://www.rfc-editor.org/rfc/rfc8794 (EBML), https://www.rfc-editor.org/rfc/rfc9559 (Matroska)
 */
import type { StreamKind } from "twincast";

export interface Block {
  /** What its track is; undefined for subtitles and the like. */
  readonly kind: StreamKind | undefined;
  /** Offset behind the last byte of the frame: when these bytes are there, the frame can be decoded. */
  readonly end: number;
}

const TRACKS = 0x1654ae6b;
const TRACK_ENTRY = 0xae;
const TRACK_NUMBER = 0xd7;
const TRACK_TYPE = 0x83;
const KINDS: ReadonlyMap<number, StreamKind> = new Map([
  [1, "video"],
  [2, "audio"],
]);
const SEGMENT = 0x18538067;
const CLUSTER = 0x1f43b675;
const BLOCK_GROUP = 0xa0;
const SIMPLE_BLOCK = 0xa3;
const BLOCK = 0xa1;
/** Their children are what is looked for, so they are entered and not skipped. */
const ENTERED = new Set([TRACKS, TRACK_ENTRY, SEGMENT, CLUSTER, BLOCK_GROUP]);

/** @returns one entry per frame, in the order of the file; a frame that is cut off at the end is left out. */
export function findBlocks(file: Buffer): Block[] {
  const blocks: Block[] = [];
  const kinds = new Map<number, StreamKind>();
  let track = 0;
  for (let offset = 0; offset < file.length; ) {
    const id = readVint(file, offset, "keep-marker");
    const size = id && readVint(file, offset + id.length, "drop-marker");
    if (!id || !size) break;
    const body = offset + id.length + size.length;
    if (ENTERED.has(id.value)) {
      offset = body;
      continue;
    }
    const end = body + size.value;
    if (end > file.length) break;
    if (id.value === TRACK_NUMBER) track = file.readUIntBE(body, size.value);
    const kind = id.value === TRACK_TYPE ? KINDS.get(file.readUIntBE(body, size.value)) : undefined;
    if (kind) kinds.set(track, kind);
    if (id.value === SIMPLE_BLOCK || id.value === BLOCK) {
      blocks.push({ kind: kinds.get(readVint(file, body, "drop-marker")?.value ?? 0), end });
    }
    offset = end;
  }
  return blocks;
}

/** A number whose first byte's leading zeros tell its length. An unknown size, all ones, only occurs where we enter. */
function readVint(
  file: Buffer,
  offset: number,
  marker: "keep-marker" | "drop-marker",
): { value: number; length: number } | undefined {
  const first = file[offset];
  if (first === undefined || first === 0) return undefined;
  const length = Math.clz32(first) - 23;
  if (offset + length > file.length) return undefined;
  let value = marker === "keep-marker" ? first : first - 2 ** (8 - length);
  for (let i = 1; i < length; i++) value = value * 256 + file.readUInt8(offset + i);
  return { value, length };
}
