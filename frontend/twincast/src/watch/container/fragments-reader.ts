/**
 * Reads fragmented MP4 while it is written, as Safari's recorder does: a fragment at a time, because its packets' sizes
 * and times stand before all of them. What is in a fragment is read by Mediabunny, which is fetched for the first one.
 */
import type * as Mediabunny from "mediabunny";
import {
  ContainerError,
  type ContainerEvents,
  type ContainerReader,
  type Packet,
  type Track,
} from "./packets";

/** More than a second of any phone's camera. */
const MAX_BOX_BYTES = 32 * 2 ** 20;
const HEAD_BYTES = 8;
const LARGE_HEAD_BYTES = 16;

export interface FragmentsEvents extends ContainerEvents {
  /** A fragment cannot be read; nothing more comes. */
  failed(error: ContainerError): void;
}

export class FragmentsReader implements ContainerReader {
  readonly #events: FragmentsEvents;
  readonly #load: () => Promise<typeof Mediabunny>;
  #pending: Uint8Array<ArrayBuffer> = new Uint8Array();
  /** `ftyp` and `moov`: what every fragment is read with. */
  #header: Uint8Array<ArrayBuffer>[] = [];
  #fragment: Uint8Array<ArrayBuffer> | null = null;
  #work: Promise<void> = Promise.resolve();
  #state: "reading" | "failed" = "reading";
  #hasTrack = false;
  /** Grows with every new beginning: what was read of the time before is no one's. */
  #round = 0;

  constructor(events: FragmentsEvents, load: () => Promise<typeof Mediabunny> = () => import("mediabunny")) {
    this.#events = events;
    this.#load = load;
  }

  push(bytes: Uint8Array): void {
    const input = new Uint8Array(this.#pending.length + bytes.length);
    input.set(this.#pending);
    input.set(bytes, this.#pending.length);
    let offset = 0;
    for (;;) {
      const box = readBox(input, offset);
      if (!box || offset + box.size > input.length) break;
      this.#box(box.type, input.slice(offset, offset + box.size));
      offset += box.size;
    }
    this.#pending = input.slice(offset);
  }

  rejoin(): void {
    this.#pending = new Uint8Array();
    this.#fragment = null;
    this.#round++;
  }

  /** Resolves when what has come is read. */
  settled(): Promise<void> {
    return this.#work;
  }

  #box(type: string, bytes: Uint8Array<ArrayBuffer>): void {
    switch (type) {
      case "ftyp":
        this.#header = [bytes];
        return;
      case "moov":
        this.#header.push(bytes);
        return;
      case "moof":
        this.#fragment = bytes;
        return;
      case "mdat": {
        const fragment = this.#fragment;
        this.#fragment = null;
        if (!fragment) return;
        const file = [...this.#header, fragment, bytes];
        const round = this.#round;
        this.#work = this.#work.then(() => this.#read(file, round));
        return;
      }
    }
  }

  async #read(file: Uint8Array<ArrayBuffer>[], round: number): Promise<void> {
    if (this.#state === "failed") return;
    try {
      const { BlobSource, EncodedPacketSink, Input, MP4 } = await this.#load();
      using input = new Input({ source: new BlobSource(new Blob(file)), formats: [MP4] });
      const track = (await input.getPrimaryVideoTrack()) ?? (await input.getPrimaryAudioTrack());
      if (!track) throw new ContainerError("malformed", "The file has no track.");
      const config = await track.getDecoderConfig();
      if (!config) throw new ContainerError("codec", `This page has no decoder for ${"its codec"}.`);
      if (!this.#hasTrack) {
        this.#hasTrack = true;
        this.#events.track(trackOf(track.isVideoTrack() ? "video" : "audio", config));
      }
      const packets: Packet[] = [];
      for await (const { timestamp, type, data } of new EncodedPacketSink(track).packets()) {
        packets.push({
          timestampUs: Math.round(timestamp * 1e6),
          isKey: type === "key",
          data: new Uint8Array(data),
        });
      }
      // At once: they came at once.
      if (round === this.#round) for (const packet of packets) this.#events.packet(packet);
    } catch (cause) {
      this.#state = "failed";
      this.#events.failed(
        cause instanceof ContainerError
          ? cause
          : new ContainerError("malformed", `A fragment cannot be read: ${cause}`),
      );
    }
  }
}

function trackOf(kind: Track["kind"], config: VideoDecoderConfig | AudioDecoderConfig): Track {
  const { codec, description } = config;
  return {
    kind,
    codec,
    description: description ? bytesOf(description) : null,
    sampleRate: "sampleRate" in config ? config.sampleRate : 0,
    channels: "numberOfChannels" in config ? config.numberOfChannels : 0,
  };
}

function bytesOf(source: AllowSharedBufferSource): Uint8Array<ArrayBuffer> {
  if (!ArrayBuffer.isView(source)) return new Uint8Array(source.slice(0) as ArrayBuffer);
  return new Uint8Array(new Uint8Array(source.buffer as ArrayBuffer, source.byteOffset, source.byteLength));
}

/**
 * @returns null where the box's head has not come whole.
 * @throws ContainerError where no box can begin so.
 */
function readBox(bytes: Uint8Array, offset: number): { type: string; size: number } | null {
  if (offset + HEAD_BYTES > bytes.length) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const type = String.fromCharCode(...bytes.subarray(offset + 4, offset + HEAD_BYTES));
  let size = view.getUint32(offset);
  if (size === 1) {
    if (offset + LARGE_HEAD_BYTES > bytes.length) return null;
    size = Number(view.getBigUint64(offset + HEAD_BYTES));
  }
  // 0 is "to the end of the file", which a file that grows does not have.
  if (size < HEAD_BYTES) throw new ContainerError("malformed", `A box "${type}" of ${size} bytes is none.`);
  if (size > MAX_BOX_BYTES)
    throw new ContainerError("too-large", `A box of ${size} bytes is no fragment of a phone.`);
  return { type, size };
}
