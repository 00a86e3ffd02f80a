/**
 * What a sender knows of its path, for whoever fits an encoder's rate to it.
 */
export interface PathFigures {
  /** How long the connection has been open, ms; null while there is none and nothing can be said of the path. */
  readonly openForMs: number | null;
  /** What an acknowledgement takes without a queue, ms: the quickest round trip, and the backend's holding it back. */
  readonly wayMs: number;
  /**
   * How much longer the oldest unacknowledged chunk has waited than it would on the same path without a queue: its age
   * less its own length and `wayMs`.
   */
  readonly lateMs: number;
  /** Since when bytes are on their way and nothing was acknowledged, ms; 0 while nothing is on its way. */
  readonly silentMs: number;
  /** Payload acknowledged, since the stream's start. */
  readonly ackedBytes: number;
  /** Payload that the encoder brought, since the stream's start. */
  readonly producedBytes: number;
  /** Not acknowledged yet. */
  readonly keptBytes: number;
}
