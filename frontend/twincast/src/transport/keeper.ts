/**
 * What a sender asks of what lets its chunks outlive the page. It is not transport's: it is handed in, late or never.
 */
import type { StorageState } from "../model/stream";
import type { JournalState } from "./journal";
import type { StreamLimits } from "./limits";
import type { ChunkEntry, Outbox, OutboxWatcher } from "./outbox";

/** Writes down what an outbox keeps, so that it outlives the page. It comes late, or never: see `storage`. */
export interface Keeper extends OutboxWatcher {
  readonly status: Extract<StorageState, "idle" | "writing" | "full">;
  /** @param waitMs how long the oldest chunk has waited, beyond what its path takes. */
  follow(now: number, waitMs: number): void;
  /** Whether the page may be gone at any moment. */
  setExposed(isExposed: boolean): void;
  /** Something that another page has to know changed. */
  changedState(): void;
  /** A message that lies in the files alone. @throws when it cannot be read any more. */
  messageOf(entry: ChunkEntry): Uint8Array<ArrayBuffer>;
}

/** @param describe asked whenever the state is to be written. */
export type MakeKeeper = (
  outbox: Outbox,
  describe: () => JournalState,
  limits: StreamLimits,
  now: number,
) => Keeper;
