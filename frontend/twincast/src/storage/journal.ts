import type { JournalState, Place, StoredGap } from "../transport";

/** Where chunks and gaps are written down. */
export interface Journal {
  /** Begins anew: what it held is gone. @param state asked whenever it is to be written. */
  begin(state: () => JournalState): void;
  /** Goes on with what was stored. */
  resume(state: () => JournalState): void;
  /** What it held is gone, and nothing is written until it begins anew. */
  clear(): void;
  /** @param message a chunk as it goes on the wire. @returns null where there is no room for it. */
  chunk(message: Uint8Array): Place | null;
  /** In the place of all that was stored between its ends. @returns null where there is no room for it. */
  gap(gap: StoredGap): Place | null;
  /** Writes the state as it is now. */
  note(): void;
  /** @throws when it cannot be read any more. */
  read(place: Place): Uint8Array<ArrayBuffer>;
  /** Nobody needs these any more. */
  free(places: readonly Place[]): void;
  /** Has what was written outlive the device's power, too. */
  flush(): void;
}
