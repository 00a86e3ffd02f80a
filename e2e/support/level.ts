/** What is drawn of the microphone's level. */
import { expect } from "@playwright/test";
import type { Ui } from "./ui.ts";

/** Waits until it goes up and down. */
export async function levelMoves(ui: Ui): Promise<void> {
  // What is drawn, 0 to 1: a screen reader's value comes once a second, which may meet every beep or none.
  const level = () =>
    ui.evaluate(() => {
      const picture = document.querySelector<HTMLCanvasElement>('[data-part="picture"]');
      if (!picture || picture.width === 0 || picture.height === 0) return Number.NaN;
      // A canvas that a worker draws on does not tell its pixels, but can be drawn.
      const copy = document.createElement("canvas");
      copy.width = picture.width;
      copy.height = picture.height;
      const context = copy.getContext("2d");
      if (!context) return Number.NaN;
      context.drawImage(picture, 0, 0);
      // The bar runs along the lower edge, from the left; it ends where nothing is drawn, before the held peak.
      const { data } = context.getImageData(0, picture.height - 3, picture.width, 1);
      const isDrawn = (x: number) => (data[4 * x + 3] ?? 0) > 127;
      let length = 4;
      if (!isDrawn(length)) return 0;
      while (length < picture.width && isDrawn(length)) length++;
      return length / picture.width;
    }, null);
  const seen: number[] = [];
  const changes = () => seen.filter((value, i) => i > 0 && value !== seen[i - 1]).length;
  // Changes alone are not enough: within one beep the level trembles by less than anybody sees.
  await expect
    .poll(
      async () => {
        const now = await level();
        // Before the first is drawn there is none.
        if (!Number.isNaN(now)) seen.push(now);
        return changes() > 3 && Math.max(...seen) > Math.min(...seen) + 0.05;
      },
      { message: "the level goes up and down", intervals: [100], timeout: 15_000 },
    )
    .toBe(true);
  expect(Math.max(...seen)).toBeLessThanOrEqual(1);
}
