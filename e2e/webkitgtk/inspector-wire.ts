/**
 * The frames of WebKit's remote inspector socket, between WebKitWebDriver and a browser:
 * `u32 length of what follows the flags (big-endian) | u8 flags | message name, NUL | GVariant`.
 * https://github.com/WebKit/WebKit/blob/main/Source/WTF/wtf/glib/SocketConnection.cpp
 */

export interface InspectorFrame {
  readonly name: string;
  /** The GVariant, little-endian where bit 0 of the flags is set, as it is on all machines that tests run on. */
  readonly body: Buffer;
  /** The whole frame as it came. */
  readonly raw: Buffer;
}

/** Which page of which connection an automation message is for. */
export interface InspectorTarget {
  readonly connection: bigint;
  readonly target: bigint;
}

const PREFIX_BYTES = 5;
const LITTLE_ENDIAN = 1;

/** Cuts a byte stream into frames. */
export class InspectorFrameReader {
  #rest: Buffer = Buffer.alloc(0);

  /** @returns the frames that these bytes complete. */
  push(bytes: Buffer): InspectorFrame[] {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const frames: InspectorFrame[] = [];
    while (this.#rest.length >= PREFIX_BYTES) {
      const end = PREFIX_BYTES + this.#rest.readUInt32BE(0);
      if (this.#rest.length < end) break;
      const raw = this.#rest.subarray(0, end);
      this.#rest = this.#rest.subarray(end);
      const nameEnd = raw.indexOf(0, PREFIX_BYTES);
      frames.push({
        name: raw.toString("latin1", PREFIX_BYTES, nameEnd),
        body: raw.subarray(nameEnd + 1),
        raw,
      });
    }
    return frames;
  }
}

/** The two ids at the head of `SendMessageToBackend` and `SendMessageToFrontend`, whose GVariant type is `(tts)`. */
export function readTarget({ body }: InspectorFrame): InspectorTarget {
  return { connection: body.readBigUInt64LE(0), target: body.readBigUInt64LE(8) };
}

/** The JSON text behind the two ids. */
export function readJson({ body }: InspectorFrame): unknown {
  return JSON.parse(body.toString("utf8", 16, body.length - 1));
}

/** A `SendMessageToBackend` frame. */
export function formatToBackend({ connection, target }: InspectorTarget, message: object): Buffer {
  const ids = Buffer.alloc(16);
  ids.writeBigUInt64LE(connection, 0);
  ids.writeBigUInt64LE(target, 8);
  const rest = Buffer.concat([
    Buffer.from("SendMessageToBackend\0"),
    ids,
    Buffer.from(`${JSON.stringify(message)}\0`),
  ]);
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(rest.length, 0);
  prefix.writeUInt8(LITTLE_ENDIAN, 4);
  return Buffer.concat([prefix, rest]);
}
