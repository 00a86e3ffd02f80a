/**
 * The clock that is drawn into every frame: a grid of black and white cells in the upper left corner, read back from
 * what the backend received. Both directions are here so that they cannot disagree.
 */

export const COLUMNS = 10;
export const ROWS = 4;

/** Side of a cell in pixels; even, because colour is subsampled. @param width of the picture. */
export const cellSide = (width: number) => Math.floor(width / 40) * 2;

/**
 * The 40 cells of an instant: 32 bits of it, then 8 bits to tell a misread. Runs in the page's worker, too, so it uses
 * nothing from outside itself.
 *
 * @param atMs whole ms since the epoch.
 * @returns true for white, most significant bit first.
 */
export function cellsOf(atMs: number): boolean[] {
  const low = atMs % 2 ** 32;
  const bytes = [24, 16, 8, 0].map((shift) => Math.floor(low / 2 ** shift) % 256);
  const check = bytes.reduce((sum, byte, i) => (sum + byte * (2 * i + 3)) % 256, 0x5a);
  return [...bytes, check].flatMap((byte) =>
    [7, 6, 5, 4, 3, 2, 1, 0].map((bit) => Math.floor(byte / 2 ** bit) % 2 === 1),
  );
}

const MID_GREY = 126;

/**
 * Reads a clock.
 *
 * @param greys the mean of each cell, 0 to 255, row by row.
 * @param nearMs an instant less than 24 days away, which the 32 bits are completed from.
 * @returns ms since the epoch; undefined when the check does not fit.
 */
export function readClock(greys: Uint8Array, nearMs: number): number | undefined {
  const bits = [...greys].map((grey) => (grey > MID_GREY ? 1 : 0));
  const low = bits.slice(0, 32).reduce((value: number, bit) => value * 2 + bit, 0);
  const wrap = 2 ** 32;
  const atMs = low + Math.round((nearMs - low) / wrap) * wrap;
  return cellsOf(atMs).every((isWhite, i) => isWhite === (bits[i] === 1)) ? atMs : undefined;
}
