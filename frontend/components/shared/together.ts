/** Figures that change faster than this are a flicker, not information. */
export const READABLE_EVERY_MS = 500;

/**
 * Waits that end together, whoever waits: all that changes on the page is then written in the same few frames. Each frame
 * costs the page's thread about the same, however much is written in it.
 *
 * @returns whole ms until the next multiple of `everyMs` since the page was opened.
 */
export const untilNextMs = (everyMs: number, nowMs = performance.now()): number =>
  // Timers drop fractions: one that ends too early would begin again for the rest.
  Math.ceil(everyMs - (nowMs % everyMs));
