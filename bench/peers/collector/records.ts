/** Reads the files that collector.py writes. Pure. */

export interface RecordOf<Header> {
  readonly header: Header;
  readonly data: Buffer;
}

/** Of a file of pictures. */
export interface PictureHeader {
  /** When the handler was given it, ms since the epoch. */
  readonly at: number;
  /** Of the picture, in pixels; a sender may have made it smaller. */
  readonly width: number;
  /** How many lines of each row of the clock's cells are there, half a picture wide each. */
  readonly linesPerRow: number;
}

/** Of a file of sound. */
export interface SoundHeader {
  readonly at: number;
  readonly sample: "s16" | "f32";
  /** Interleaved. */
  readonly channels: number;
  /** The sound's own time, or null where the library tells none. */
  readonly mediaMs: number | null;
}

/** Of a file of messages. */
export interface MessageHeader {
  readonly at: number;
}

/** @returns the whole records; one that was being written when its process ended is left out. */
export function readRecords<Header>(file: Buffer): RecordOf<Header>[] {
  const records: RecordOf<Header>[] = [];
  const part = (offset: number) => {
    if (offset + 4 > file.length) return undefined;
    const end = offset + 4 + file.readUInt32LE(offset);
    return end > file.length ? undefined : { bytes: file.subarray(offset + 4, end), end };
  };
  for (let offset = 0; ; ) {
    const header = part(offset);
    const data = header && part(header.end);
    if (!header || !data) return records;
    records.push({ header: JSON.parse(header.bytes.toString("utf8")) as Header, data: data.bytes });
    offset = data.end;
  }
}
