/** A packet on its way to a decoder. */
export interface TimedPacket {
  /** When it was captured, ms since the epoch on the phone's clock: the one time that everything after the file knows. */
  readonly capturedAt: number;
  readonly isKey: boolean;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** WebCodecs counts in whole µs; a double holds those of the epoch exactly. */
export const toUs = (capturedAt: number) => Math.round(capturedAt * 1e3);
export const fromUs = (timestampUs: number) => timestampUs / 1e3;
