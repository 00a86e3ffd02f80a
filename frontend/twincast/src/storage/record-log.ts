/**
 * Records in a file, one behind the other, so that a torn write spoils none but itself. Big-endian:
 * u32 length of the body, u32 number of the record, u32 CRC-32 of everything else, u8 kind, the body. Records of all
 * files of a stream are numbered in one row. Pure.
 */

/** What is used of a `FileSystemSyncAccessHandle`. */
export interface SyncFile {
  /** @returns how many bytes were there. */
  read(into: Uint8Array<ArrayBuffer>, options: { at: number }): number;
  /** @returns how many bytes were written. @throws where there is no room, in most browsers. */
  write(bytes: Uint8Array<ArrayBuffer>, options: { at: number }): number;
  truncate(size: number): void;
  flush(): void;
  getSize(): number;
  close(): void;
}

export const RECORD_HEADER_BYTES = 13;
/** No record is larger: a length beyond it is no length. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

export interface StoredRecord {
  readonly number: number;
  readonly kind: number;
  /** Where the body begins in the file. */
  readonly at: number;
  readonly bytes: number;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** @returns the record as it is written. */
export function encodeRecord(number: number, kind: number, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const record = new Uint8Array(RECORD_HEADER_BYTES + body.byteLength);
  const view = new DataView(record.buffer);
  view.setUint32(0, body.byteLength);
  view.setUint32(4, number);
  view.setUint8(12, kind);
  record.set(body, RECORD_HEADER_BYTES);
  view.setUint32(8, checksum(record));
  return record;
}

/**
 * The records from the beginning of a file up to the first that does not check. Bodies are read one at a time.
 *
 * @returns the size of what checks, when it is exhausted.
 */
export function* scanRecords(file: SyncFile): Generator<StoredRecord, number> {
  const size = file.getSize();
  const header = new Uint8Array(RECORD_HEADER_BYTES);
  let at = 0;
  let expected: number | null = null;
  while (at + RECORD_HEADER_BYTES <= size) {
    if (file.read(header, { at }) < RECORD_HEADER_BYTES) break;
    const view = new DataView(header.buffer);
    const bytes = view.getUint32(0);
    const number = view.getUint32(4);
    if (bytes > MAX_BODY_BYTES || at + RECORD_HEADER_BYTES + bytes > size) break;
    if (expected !== null && number !== expected) break;
    const record = new Uint8Array(RECORD_HEADER_BYTES + bytes);
    if (file.read(record, { at }) < record.byteLength) break;
    if (checksum(record) !== view.getUint32(8)) break;
    const body = record.subarray(RECORD_HEADER_BYTES);
    yield { number, kind: view.getUint8(12), at: at + RECORD_HEADER_BYTES, bytes, body };
    at += record.byteLength;
    expected = number + 1;
  }
  return at;
}

/** CRC-32 (IEEE 802.3) of a record without the field that holds it. */
function checksum(record: Uint8Array): number {
  let crc = crcOf(record, 0, 8, 0xffffffff);
  crc = crcOf(record, 12, record.byteLength, crc);
  return ~crc >>> 0;
}

function crcOf(bytes: Uint8Array, from: number, to: number, before: number): number {
  let crc = before;
  for (let index = from; index < to; index++)
    crc = (CRC_TABLE[(crc ^ (bytes[index] as number)) & 0xff] as number) ^ (crc >>> 8);
  return crc;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc >>> 0;
});
