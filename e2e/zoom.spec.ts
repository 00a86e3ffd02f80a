/** The camera's zoom, by its control and by two fingers; with a lens that zooms, which Chromium's fake camera lacks. */
import type { CDPSession } from "@playwright/test";
import { expect, test } from "./support/fixtures.ts";
import { receives, startStreaming } from "./support/flows.ts";

type Lens = MediaTrackConstraintSet & { readonly zoom?: number };

/** Gives every camera a zoom from 1 to 8. Runs in the page, before its own scripts. */
function zoomLens(): void {
  const { getCapabilities, getSettings, applyConstraints } = MediaStreamTrack.prototype;
  const lens = { zoom: 1 };
  Object.assign(globalThis, { lens });
  const prototype = MediaStreamTrack.prototype;
  prototype.getCapabilities = function () {
    const zoom = this.kind === "video" && { zoom: { min: 1, max: 8, step: 0.1 } };
    return { ...getCapabilities.call(this), ...zoom };
  };
  prototype.getSettings = function () {
    return { ...getSettings.call(this), ...(this.kind === "video" && { zoom: lens.zoom }) };
  };
  prototype.applyConstraints = async function ({ advanced = [], ...rest } = {}) {
    for (const { zoom } of advanced as Lens[]) if (this.kind === "video" && zoom) lens.zoom = zoom;
    await applyConstraints.call(this, rest);
  };
}

const lensZoom = () => (globalThis as unknown as { lens: { zoom: number } }).lens.zoom;

/** Two fingers on a line across the middle of the screen, that many CSS pixels apart. */
const fingers = (apart: number) => [
  { id: 0, x: 190 - apart / 2, y: 330 },
  { id: 1, x: 190 + apart / 2, y: 330 },
];

async function pinch(cdp: CDPSession, fromPx: number, toPx: number): Promise<void> {
  const STEPS = 8;
  await cdp.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: fingers(fromPx) });
  for (let step = 1; step <= STEPS; step++) {
    const touchPoints = fingers(fromPx + ((toPx - fromPx) * step) / STEPS);
    await cdp.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints });
  }
  await cdp.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
}

test("zooms the camera by its control and by two fingers, while it streams on", async ({
  ui,
  playwrightUi: { page },
  pageUrl,
  backend,
}) => {
  await page.addInitScript(zoomLens);
  await startStreaming(ui, pageUrl);
  await receives(backend, "video", 1);

  await page.getByRole("button", { name: "Zoom, 1×" }).click();
  await page.getByRole("slider", { name: "Zoom" }).fill("3");
  await expect(page.getByRole("button", { name: "Zoom, 3×" })).toBeVisible();
  await expect.poll(() => page.evaluate(lensZoom)).toBe(3);

  const cdp = await page.context().newCDPSession(page);
  await pinch(cdp, 100, 200);
  await expect(page.getByRole("button", { name: "Zoom, 6×" })).toBeVisible();
  await expect.poll(() => page.evaluate(lensZoom)).toBeCloseTo(6, 1);

  // Further together than the lens goes.
  await pinch(cdp, 300, 20);
  await expect(page.getByRole("button", { name: "Zoom, 1×" })).toBeVisible();
  await expect.poll(() => page.evaluate(lensZoom)).toBe(1);
  // The page itself is as large as before.
  expect(await page.evaluate(() => visualViewport?.scale)).toBe(1);
  await receives(backend, "video", 3);
});
