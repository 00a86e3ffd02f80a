/** The codec string of H.264, from where the stream itself says it. Pure. */

const SEQUENCE_PARAMETER_SET = 7;

/** @param record an AVCDecoderConfigurationRecord, ISO/IEC 14496-15. @returns null where it is too short to be one. */
export function codecOfRecord(record: Uint8Array): string | null {
  return record.length < 7 ? null : codecString(record.subarray(1, 4));
}

/**
 * @param packet a packet with start codes (ITU-T H.264, Annex B).
 * @returns null where it has no sequence parameter set.
 */
export function codecOfAnnexB(packet: Uint8Array): string | null {
  for (let i = 0; i + 6 < packet.length; i++) {
    if (packet[i] !== 0 || packet[i + 1] !== 0 || packet[i + 2] !== 1) continue;
    if (((packet[i + 3] ?? 0) & 0x1f) === SEQUENCE_PARAMETER_SET)
      return codecString(packet.subarray(i + 4, i + 7));
  }
  return null;
}

/** Profile, constraints and level, as RFC 6381 writes them. */
function codecString(profile: Uint8Array): string {
  return `avc1.${Array.from(profile, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
