/** What the page's address forces, to look for a fault or to measure. Pure. */
import type { CreateSessionOptions } from "twincast";

export type ForcedSettings = Pick<CreateSessionOptions, "encoder" | "cadence">;

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
    encoder: encoder === "webcodecs" || encoder === "media-recorder" ? encoder : "auto",
    cadence: cadence === "realtime" ? cadence : isCadence ? { everyMs } : undefined,
  };
}
