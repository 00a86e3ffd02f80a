import { describe, expect, it } from "vitest";
import { COLUMNS, cellSide, cellsOf } from "../../../e2e/support/clock/clock-picture.ts";
import { pictureArrivals } from "./pictures.ts";
import type { PictureHeader, RecordOf } from "./records.ts";

const LINES_PER_ROW = 2;
const AT = Date.UTC(2026, 10, 29, 1, 2, 3, 456);

/** The clock as the sources draw it, cut into lines as collector.py does. */
function picture(capturedAt: number, width: number, paint: (isWhite: boolean, x: number) => number) {
  const cell = cellSide(width);
  const cells = cellsOf(capturedAt);
  const lines = [0, 1, 2, 3].flatMap((row) =>
    Array.from({ length: LINES_PER_ROW }, () =>
      Uint8Array.from({ length: width / 2 }, (_, x) =>
        paint(cells[row * COLUMNS + Math.floor(x / cell)] ?? false, x),
      ),
    ),
  );
  const header: PictureHeader = { at: capturedAt + 30, width, linesPerRow: LINES_PER_ROW };
  return { header, data: Buffer.concat(lines) } satisfies RecordOf<PictureHeader>;
}
const plain = (isWhite: boolean) => (isWhite ? 235 : 16);

describe("pictureArrivals", () => {
  it.each([640, 480, 320])("reads when a picture of %i pixels was captured", (width) => {
    const { arrivals, damagedAt } = pictureArrivals([picture(AT, width, plain)]);
    expect(arrivals).toEqual([{ capturedAt: AT, receivedAt: AT + 30 }]);
    expect(damagedAt).toEqual([]);
  });

  it("reads what an encoder has blurred", () => {
    const blurred = picture(AT, 640, (isWhite, x) => (x % 32 < 6 || x % 32 > 25 ? 126 : isWhite ? 180 : 90));
    expect(pictureArrivals([blurred]).arrivals).toHaveLength(1);
  });

  it("says of a smeared picture that it came, and not when it was captured", () => {
    const smeared = picture(AT, 640, (isWhite, x) => plain(x < 90 ? !isWhite : isWhite));
    expect(pictureArrivals([smeared])).toEqual({ arrivals: [], damagedAt: [AT + 30] });
  });
});
