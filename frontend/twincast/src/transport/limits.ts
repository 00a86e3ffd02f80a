/**
 * How much of each stream the phone keeps while the backend cannot take it.
 */
import type { OutboxLimits } from "./outbox";
import type { SkipPolicy } from "./skip-policy";

export interface StreamLimits {
  /** In memory. */
  readonly outbox: OutboxLimits;
  /** In all, where the browser gives a page files of its own; see `storage`. */
  readonly stored: OutboxLimits;
  readonly skip: SkipPolicy;
  /**
   * How long the first attempt to connect again may take. Streams that lose their connections together must differ in
   * it: their attempts then take turns at the browser, which opens one WebSocket per host at a time.
   */
  readonly firstRetryTimeoutMs: number;
}

const MIB = 1024 * 1024;

/**
 * `maxBytes` stays far from what makes a phone's browser discard the page. Of video at the preset `sharp` it is the bound
 * that is met first; of the smaller ones, and of audio, `maxMs` is. Video skips ahead rather than be late. Audio is small
 * and keeps its order longest.
 */
export const DEFAULT_LIMITS: { readonly video: StreamLimits; readonly audio: StreamLimits } = {
  video: {
    outbox: { maxBytes: 48 * MIB, maxMs: 180_000 },
    stored: { maxBytes: 512 * MIB, maxMs: 1_800_000 },
    skip: { maxBehindMs: 8_000, maxCatchUpMs: 20_000 },
    firstRetryTimeoutMs: 3_000,
  },
  audio: {
    outbox: { maxBytes: 12 * MIB, maxMs: 600_000 },
    stored: { maxBytes: 64 * MIB, maxMs: 3_600_000 },
    skip: { maxBehindMs: 60_000, maxCatchUpMs: 120_000 },
    firstRetryTimeoutMs: 1_500,
  },
};
