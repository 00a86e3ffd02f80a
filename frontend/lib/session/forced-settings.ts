/** What the page's address forces, to look for a fault or to measure. Pure. */
import type { Tier } from "../capture";
import type { Cadence } from "../capture/encode";

export interface ForcedSettings {
  readonly tier: Tier;
  /** undefined: as the person set it. */
  readonly cadence: Cadence | undefined;
}

/** Beyond these a chunk is no chunk any more, or nothing but headers. */
const MIN_MS = 20;
const MAX_MS = 10_000;

/**
 * @param search of the address: `?encoder=webcodecs|media-recorder` and `?cadence=realtime|<ms per chunk>`. Anything
 * else forces nothing.
 */
export function forcedSettings(search: string): ForcedSettings {
  const asked = new URLSearchParams(search);
  const encoder = asked.get("encoder");
  const cadence = asked.get("cadence");
  const everyMs = Number(cadence);
  const isCadence = cadence !== null && everyMs >= MIN_MS && everyMs <= MAX_MS;
  return {
    tier: encoder === "webcodecs" || encoder === "media-recorder" ? encoder : "auto",
    cadence: cadence === "realtime" ? cadence : isCadence ? { everyMs } : undefined,
  };
}
