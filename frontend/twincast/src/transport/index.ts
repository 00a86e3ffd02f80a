/**
 * The face of transport: the sender of one stream with what it reports, how much it keeps, and the socket of a browser.
 * Who watches connects by the same policy, and measures the backend's clock by the same estimate.
 */
export { ClockEstimate } from "./clock-estimate";
export type { NetworkEvent } from "./connection";
export { CONNECTIONS_PER_SENDER, type Continuation, type NumberedChunk } from "./continuation";
export type { JournalState, Place, StoredChunk, StoredGap, StoredStream } from "./journal";
export type { Keeper, MakeKeeper } from "./keeper";
export { DEFAULT_LIMITS, type StreamLimits } from "./limits";
export type { ChunkEntry, Outbox, OutboxEntry, OutboxLimits } from "./outbox";
export type { PathFigures } from "./path-figures";
export {
  type Failure,
  FIRST_TRY,
  HANDSHAKE_MEMORY_MS,
  nextRetry,
  type Retry,
  silenceLimitMs,
} from "./retry-policy";
export { type OpenSocket, openBrowserSocket, suitedToEngine } from "./socket";
export {
  type SegmentReason,
  type SenderRecord,
  type SenderStatus,
  StreamSender,
  type StreamSenderOptions,
} from "./stream-sender";
