/** Reads the clock that the sources drew from a canvas of a page, as a person sees it there. */
import type { Ui } from "../ui.ts";
import { COLUMNS, cellSide, ROWS, readClock } from "./clock-picture.ts";

export interface SeenPicture {
  /** When its frame was given to the phone's track, ms since the epoch. */
  readonly capturedAt: number;
  /** When it was on the page for the first time. */
  readonly seenAt: number;
}

interface Reading {
  readonly greys: readonly number[];
  readonly at: number;
}

/**
 * @param selector of the canvas; it shows a picture of `width` pixels.
 * @returns each picture of these ms whose clock could be read, once.
 */
export async function seenPictures(
  ui: Pick<Ui, "evaluate">,
  selector: string,
  width: number,
  forMs: number,
): Promise<SeenPicture[]> {
  const options = { selector, forMs, columns: COLUMNS, rows: ROWS, cell: cellSide(width) };
  const readings = await ui.evaluate(inPageRead, options);
  const seen = new Map<number, number>();
  for (const { greys, at } of readings) {
    const capturedAt = readClock(Uint8Array.from(greys), at);
    if (capturedAt !== undefined && !seen.has(capturedAt)) seen.set(capturedAt, at);
  }
  return [...seen].map(([capturedAt, seenAt]) => ({ capturedAt, seenAt }));
}

/** Runs in the page, so it uses nothing from outside itself. */
function inPageRead(options: {
  selector: string;
  forMs: number;
  columns: number;
  rows: number;
  cell: number;
}): Promise<Reading[]> {
  const { selector, forMs, columns, rows, cell } = options;
  const copy = document.createElement("canvas");
  copy.width = columns * cell;
  copy.height = rows * cell;
  const context = copy.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("This browser has no 2D canvas.");
  const readings: Reading[] = [];
  const until = performance.now() + forMs;
  return new Promise((resolve) => {
    const read = () => {
      const shown = document.querySelector<HTMLCanvasElement>(selector);
      if (shown) {
        context.drawImage(shown, 0, 0);
        const { data } = context.getImageData(0, 0, copy.width, copy.height);
        const at = Date.now();
        const greys: number[] = [];
        for (let row = 0; row < rows; row++) {
          for (let column = 0; column < columns; column++) {
            const x = column * cell + cell / 2;
            const y = row * cell + cell / 2;
            greys.push(data[(y * copy.width + x) * 4 + 1] ?? 0);
          }
        }
        readings.push({ greys, at });
      }
      if (performance.now() < until) requestAnimationFrame(read);
      else resolve(readings);
    };
    requestAnimationFrame(read);
  });
}
