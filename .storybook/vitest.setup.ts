import { afterEach, expect, type TestContext } from "vitest";
import { page, server } from "vitest/browser";

/** The three screens that every story is pictured on. */
const SCREENS = [
  { name: "portrait", width: 390, height: 844 },
  { name: "landscape", width: 844, height: 390 },
  { name: "desktop", width: 1280, height: 800 },
] as const;

// Letters are drawn by the system: the references are Linux's, like CI.
const comparesPictures = server.platform === "linux";
if (!comparesPictures)
  console.warn("Pictures of stories are compared on Linux only; all else is tested here too.");

/** After a story's play function and accessibility check: it looks like its references. */
afterEach(async ({ task }: TestContext) => {
  if (!comparesPictures || task.result?.state === "fail" || isLive(task.file.name)) return;
  for (const { name, width, height } of SCREENS) {
    await page.viewport(width, height);
    await document.fonts.ready;
    await previewsFit();
    await expect(page.elementLocator(document.body)).toMatchScreenshot(`${task.name}-${name}`);
  }
});

/** Stories that play the real transport show figures of the real clock: no two pictures of them are alike. */
function isLive(file: string): boolean {
  return file.endsWith(".transport.stories.tsx");
}

/** The mock camera turns with the screen, a frame later. */
async function previewsFit(): Promise<void> {
  const upright = window.innerHeight > window.innerWidth;
  await expect
    .poll(() =>
      [...document.querySelectorAll("video")].every(
        ({ srcObject, videoWidth, videoHeight }) =>
          srcObject === null || (videoWidth > 0 && videoHeight > videoWidth === upright),
      ),
    )
    .toBe(true);
}
