/**
 * H.264 of several encoders in one track: a file's header describes the first one, so the pictures of another begin with
 * what describes them. Pure.
 */

const LENGTH_BYTES = 4;

/**
 * @param record an AVCDecoderConfigurationRecord, ISO/IEC 14496-15, 5.3.3.1.
 * @returns its sequence and picture parameter sets, each behind its length, as they may stand before a picture; null where
 *   the record is of another form than browsers write.
 */
export function parameterSetsOf(record: Uint8Array): Uint8Array<ArrayBuffer> | null {
  const lengthBytes = ((record[4] ?? 0) & 3) + 1;
  if (record.length < 7 || lengthBytes !== LENGTH_BYTES) return null;
  const sets: Uint8Array[] = [];
  let offset = 5;
  for (const mask of [0x1f, 0xff]) {
    const count = (record[offset++] ?? 0) & mask;
    for (let nth = 0; nth < count; nth++) {
      const size = ((record[offset] ?? 0) << 8) | (record[offset + 1] ?? 0);
      offset += 2;
      if (offset + size > record.length) return null;
      sets.push(record.subarray(offset, offset + size));
      offset += size;
    }
  }
  const joined = new Uint8Array(sets.reduce((sum, set) => sum + LENGTH_BYTES + set.length, 0));
  const view = new DataView(joined.buffer);
  let at = 0;
  for (const set of sets) {
    view.setUint32(at, set.length);
    joined.set(set, at + LENGTH_BYTES);
    at += LENGTH_BYTES + set.length;
  }
  return joined;
}
