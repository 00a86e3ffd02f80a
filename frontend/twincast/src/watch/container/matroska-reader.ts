/**
 * Reads Matroska and WebM while they are written: a packet is given as soon as its last byte is there, wherever the
 * bytes were cut. (A reader of whole files waits for the end of a cluster, which is a second or two away.)
 * https://www.rfc-editor.org/rfc/rfc9559
 *
 * It reads what encoders of live media write: one track, clusters of known or unknown size, blocks without lacing.
 */
import { elementsOf, readFloat, readHead, readUint } from "./ebml";
import { codecOfRecord } from "./h264";
import { ContainerError, type ContainerEvents, type ContainerReader, type Track } from "./packets";

const SEGMENT = 0x18538067;
const CLUSTER = 0x1f43b675;
const INFO = 0x1549a966;
const TRACKS = 0x1654ae6b;
const TIMESTAMP_SCALE = 0x2ad7b1;
const TIMESTAMP = 0xe7;
const SIMPLE_BLOCK = 0xa3;
const BLOCK_GROUP = 0xa0;
const BLOCK = 0xa1;
const REFERENCE_BLOCK = 0xfb;
const TRACK_ENTRY = 0xae;
const TRACK_NUMBER = 0xd7;
const CODEC_ID = 0x86;
const CODEC_PRIVATE = 0x63a2;
const CONTENT_ENCODINGS = 0x6d80;
const AUDIO = 0xe1;
const SAMPLING_FREQUENCY = 0xb5;
const CHANNELS = 0x9f;

/** Their content is what is looked for, so they are entered; they may be of unknown size. */
const ENTERED = new Set([SEGMENT, CLUSTER]);
/** Read when they have come whole. All others are passed over. */
const WANTED = new Set([INFO, TRACKS, TIMESTAMP, SIMPLE_BLOCK, BLOCK_GROUP]);
/** More than a key frame of a phone's camera ever takes: no promise of a file makes the reader keep more. */
const MAX_ELEMENT_BYTES = 16 * 2 ** 20;
const DEFAULT_SCALE_NS = 1_000_000;

/** Bits of a block's flags. */
const KEY = 0x80;
const LACING = 0x06;

export class MatroskaReader implements ContainerReader {
  readonly #events: ContainerEvents;
  /** What has come of the element that is not whole yet. */
  #pending: Uint8Array = new Uint8Array();
  /** Bytes still to come of an element that is passed over. */
  #skipBytes = 0;
  #scaleNs = DEFAULT_SCALE_NS;
  #trackNumber: number | null = null;
  #clusterTicks = 0;

  constructor(events: ContainerEvents) {
    this.#events = events;
  }

  push(bytes: Uint8Array): void {
    let offset = Math.min(this.#skipBytes, bytes.length);
    this.#skipBytes -= offset;
    if (offset === bytes.length) return;
    const pending = this.#pending;
    let input = bytes;
    if (pending.length > 0) {
      input = new Uint8Array(pending.length + bytes.length);
      input.set(pending);
      input.set(bytes, pending.length);
      offset = 0;
    }
    offset = this.#read(input, offset);
    // A copy: the caller's buffer is the caller's.
    this.#pending = input.slice(offset);
  }

  rejoin(): void {
    this.#pending = new Uint8Array();
    this.#skipBytes = 0;
  }

  /** @returns where the first element begins that is not whole. */
  #read(input: Uint8Array, from: number): number {
    let offset = from;
    for (;;) {
      const head = readHead(input, offset);
      if (!head) return offset;
      const begin = offset + head.headBytes;
      if (ENTERED.has(head.id)) {
        offset = begin;
        continue;
      }
      if (head.size === null) {
        throw new ContainerError("malformed", `Element ${head.id.toString(16)} may not be of unknown size.`);
      }
      const end = begin + head.size;
      if (WANTED.has(head.id)) {
        if (head.size > MAX_ELEMENT_BYTES) {
          throw new ContainerError("too-large", `An element of ${head.size} bytes is no packet of a phone.`);
        }
        if (end > input.length) return offset;
        this.#element(head.id, input.subarray(begin, end));
      } else if (end > input.length) {
        this.#skipBytes = end - input.length;
        return input.length;
      }
      offset = end;
    }
  }

  #element(id: number, content: Uint8Array): void {
    switch (id) {
      case INFO:
        for (const child of elementsOf(content)) {
          if (child.id === TIMESTAMP_SCALE) this.#scaleNs = readUint(child.content);
        }
        return;
      case TRACKS:
        this.#tracks(content);
        return;
      case TIMESTAMP:
        this.#clusterTicks = readUint(content);
        return;
      case SIMPLE_BLOCK:
        this.#block(content, "in-flags");
        return;
      case BLOCK_GROUP:
        this.#blockGroup(content);
        return;
    }
  }

  #tracks(content: Uint8Array): void {
    // Announced again where a header is sent twice; it is the same one.
    if (this.#trackNumber !== null) return;
    for (const child of elementsOf(content)) {
      if (child.id !== TRACK_ENTRY) continue;
      const { number, track } = readTrackEntry(child.content);
      this.#trackNumber = number;
      this.#events.track(track);
      return;
    }
    throw new ContainerError("malformed", "The file has no track.");
  }

  #blockGroup(content: Uint8Array): void {
    let block: Uint8Array | null = null;
    let isKey = true;
    for (const child of elementsOf(content)) {
      if (child.id === BLOCK) block = child.content;
      if (child.id === REFERENCE_BLOCK) isKey = false;
    }
    if (block) this.#block(block, isKey);
  }

  #block(content: Uint8Array, isKey: boolean | "in-flags"): void {
    const first = content[0] ?? 0;
    const numberBytes = Math.clz32(first) - 23;
    if (first === 0 || content.length < numberBytes + 3) {
      throw new ContainerError("malformed", "A block is shorter than its own header.");
    }
    const trackNumber = readUint(content.subarray(0, numberBytes)) - 2 ** (7 * numberBytes);
    if (trackNumber !== this.#trackNumber) return;
    const high = content[numberBytes] ?? 0;
    const low = content[numberBytes + 1] ?? 0;
    const ticks = ((high << 24) >> 16) | low;
    const flags = content[numberBytes + 2] ?? 0;
    if (flags & LACING) {
      throw new ContainerError(
        "lacing",
        "Several packets lie in one block, which no encoder of a phone does.",
      );
    }
    this.#events.packet({
      timestampUs: Math.round(((this.#clusterTicks + ticks) * this.#scaleNs) / 1e3),
      isKey: isKey === "in-flags" ? (flags & KEY) !== 0 : isKey,
      data: new Uint8Array(content.subarray(numberBytes + 3)),
    });
  }
}

function readTrackEntry(entry: Uint8Array): { number: number; track: Track } {
  let number = 0;
  let codecId = "";
  let codecPrivate: Uint8Array<ArrayBuffer> | null = null;
  let sampleRate = 8_000;
  let channels = 1;
  for (const { id, content } of elementsOf(entry)) {
    if (id === TRACK_NUMBER) number = readUint(content);
    if (id === CODEC_ID) codecId = new TextDecoder().decode(content).replace(/\0+$/, "");
    if (id === CODEC_PRIVATE) codecPrivate = new Uint8Array(content);
    if (id === CONTENT_ENCODINGS) {
      throw new ContainerError("encoded", "The track is compressed or encrypted by its container.");
    }
    if (id !== AUDIO) continue;
    for (const child of elementsOf(content)) {
      if (child.id === SAMPLING_FREQUENCY) sampleRate = readFloat(child.content);
      if (child.id === CHANNELS) channels = readUint(child.content);
    }
  }
  return { number, track: { ...decoderOf(codecId, codecPrivate), sampleRate, channels } };
}

/** @throws ContainerError for a codec that no phone of this project sends. */
function decoderOf(
  codecId: string,
  codecPrivate: Uint8Array<ArrayBuffer> | null,
): Pick<Track, "kind" | "codec" | "description"> {
  switch (codecId) {
    case "V_VP8":
      return { kind: "video", codec: "vp8", description: null };
    case "V_VP9":
      // Profile 0, the lowest level, 8 bits: decoders take what the stream says.
      return { kind: "video", codec: "vp09.00.10.08", description: null };
    case "V_MPEG4/ISO/AVC":
      // Chromium's MediaRecorder writes start codes and no record, against Matroska's rule.
      return codecPrivate
        ? { kind: "video", codec: codecOfRecord(codecPrivate), description: codecPrivate }
        : { kind: "video", codec: null, description: null };
    case "A_OPUS":
      return { kind: "audio", codec: "opus", description: codecPrivate };
    default:
      throw new ContainerError(
        "codec",
        `This page has no decoder for ${codecId || "a track without a codec"}.`,
      );
  }
}
