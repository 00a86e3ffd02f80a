/** From collected lines of pictures to when each was captured and given to the handler. Pure. */
import { COLUMNS, ROWS, readClock } from "../../../e2e/support/clock/clock-picture.ts";
import type { Arrival } from "../../latency/arrivals.ts";
import type { PictureHeader, RecordOf } from "./records.ts";

/** @returns the pictures whose clock can be read, and when the others came: a decoder that lost packets smears. */
export function pictureArrivals(records: readonly RecordOf<PictureHeader>[]): {
  readonly arrivals: Arrival[];
  readonly damagedAt: number[];
} {
  const damagedAt: number[] = [];
  const arrivals = records.flatMap(({ header, data }) => {
    const capturedAt = readClock(greysOf(header, data), header.at);
    if (capturedAt !== undefined) return [{ capturedAt, receivedAt: header.at }];
    damagedAt.push(header.at);
    return [];
  });
  return { arrivals, damagedAt };
}

/** @returns the mean of the middle of each cell: an encoder blurs the edges. */
function greysOf({ width, linesPerRow }: PictureHeader, lines: Buffer): Uint8Array {
  const lineBytes = Math.floor(width / 2);
  const cell = width / 2 / COLUMNS;
  return Uint8Array.from({ length: COLUMNS * ROWS }, (_, i) => {
    const column = i % COLUMNS;
    const row = Math.floor(i / COLUMNS);
    const from = Math.ceil((column + 0.25) * cell);
    const to = Math.floor((column + 0.75) * cell);
    let sum = 0;
    for (let line = row * linesPerRow; line < (row + 1) * linesPerRow; line++) {
      for (let x = from; x < to; x++) sum += lines[line * lineBytes + x] ?? 0;
    }
    return sum / (linesPerRow * (to - from));
  });
}
