/**
 * The face of transport: the sender of one stream with what it reports, how much it keeps, and the socket of a browser.
 */
export type { NetworkEvent } from "./connection";
export type { Continuation, NumberedChunk } from "./continuation";
export { DEFAULT_LIMITS, type StreamLimits } from "./limits";
export type { PathFigures } from "./path-figures";
export { type OpenSocket, openBrowserSocket } from "./socket";
export { type SegmentReason, type SenderRecord, type SenderStatus, StreamSender } from "./stream-sender";
