/**
 * Drops each top-level box of an MP4 that repeats the one before it, byte for byte; any other file passes unchanged.
 *
 * WebKitGTK's MediaRecorder gives the first box and the last fragment's head twice: its sink hands a buffer over both
 * as preroll and as sample, and stopping prerolls once more. The last fragment does not decode behind a repeated
 * `moof`, though no byte is missing; a box that says the same again has nothing to add.
 */
export function dropRepeatedBoxes(file: Buffer): Buffer {
  if (file.toString("latin1", 4, 8) !== "ftyp") return file;
  const kept: Buffer[] = [];
  for (let offset = 0; offset < file.length; ) {
    const box = file.subarray(offset, offset + boxBytes(file, offset));
    if (!kept.at(-1)?.equals(box)) kept.push(box);
    offset += box.length;
  }
  return Buffer.concat(kept);
}

/** ISO/IEC 14496-12, 4.2: a size of 1 means that 64 bits follow the type, 0 that the box goes to the end. */
function boxBytes(file: Buffer, offset: number): number {
  const leftBytes = file.length - offset;
  if (leftBytes < 8) return leftBytes;
  const size = file.readUInt32BE(offset);
  if (size === 1 && leftBytes >= 16) return Number(file.readBigUInt64BE(offset + 8));
  return size >= 8 ? size : leftBytes;
}
