/** The live screen is calm, leaves the picture room, and stays whole with letters of twice the size. */
import type { Page } from "@playwright/test";
import { expect, test } from "./support/fixtures.ts";
import { gate, receives, record, startStreaming } from "./support/flows.ts";
import { watchRenders } from "./support/renders.ts";

test("renders next to nothing while nothing but figures change", async ({
  ui,
  playwrightUi: { page },
  pageUrl,
  backend,
}) => {
  const measure = await watchRenders(page);
  await startStreaming(ui, pageUrl);
  for (const kind of ["video", "audio"] as const) await receives(backend, kind, 1);
  const { rendersPerSecond, framesPerSecond, busy, layout } = await measure(5);
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  test.info().annotations.push({
    type: "page thread while live",
    description: `${rendersPerSecond.toFixed(1)} renders/s, ${framesPerSecond.toFixed(1)} frames/s, busy ${percent(busy)}, of it style and layout ${percent(layout)}`,
  });
  // 640 when every figure was a render.
  expect(rendersPerSecond).toBeLessThan(30);
  // Figures are written twice a second, and the meter is a worker's: with it there were fifteen.
  expect(framesPerSecond).toBeLessThan(10);
  // Each has the whole screen put together sixty times a second for as long as the session lasts.
  const endless = await page.evaluate(() =>
    document
      .getAnimations()
      .filter((animation) => animation.effect?.getTiming().iterations === Number.POSITIVE_INFINITY)
      .map((animation) => (animation instanceof CSSAnimation ? animation.animationName : animation.id)),
  );
  expect(endless).toEqual([]);
});

test("says each event once to those who do not see it", async ({ ui, playwrightUi: { page }, pageUrl }) => {
  await page.addInitScript(() => {
    const said: string[] = [];
    Object.assign(globalThis, { said });
    new MutationObserver((changes) => {
      for (const { target } of changes) {
        const region = target.parentElement?.closest("[role=status], [role=alert]") ?? target;
        const text = region.textContent?.trim();
        if (region instanceof Element && region.matches("[role=status], [role=alert]") && text)
          said.push(text);
      }
    }).observe(document, { subtree: true, childList: true, characterData: true });
  });
  const said = () => page.evaluate(() => (globalThis as unknown as { said: string[] }).said);
  await startStreaming(ui, pageUrl);
  await expect.poll(said).toContain("Streaming has started.");
  await ui.press("Stop streaming");
  await ui.see(record("ended"));
  await expect.poll(said).toContain("The session has ended. Everything arrived.");
  const all = await said();
  expect(all.toSorted()).toEqual([...new Set(all)].toSorted());
});

test("leaves three quarters of an upright phone's height to the picture", async ({
  ui,
  playwrightUi: { page },
  pageUrl,
  backend,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await startStreaming(ui, pageUrl);
  await receives(backend, "video", 1);
  const covered = await page.evaluate(() => {
    const rows = new Set<number>();
    const over =
      'main [role="group"][data-stream], main [data-level], main [role="timer"], main [data-phase]';
    const boxes = [...document.querySelectorAll(over), ...document.querySelectorAll("main [role=meter]")].map(
      (element) => element.closest("main [class*=meters], main [class*=badges]") ?? element,
    );
    for (const box of boxes) {
      const { top, bottom } = box.getBoundingClientRect();
      for (let y = Math.floor(top); y < bottom; y++) rows.add(y);
    }
    return rows.size;
  });
  expect(covered).toBeLessThanOrEqual(844 / 4);
});

/** Every button is where a finger meets it, and nothing leaves the screen to the side. */
async function everyButtonIsMet(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const faults: string[] = [];
    // Where things come to rest; some of them go on for ever.
    const entrances = document
      .getAnimations()
      .filter(({ effect }) => effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY);
    await Promise.allSettled(entrances.map(({ finished }) => finished));
    if (document.documentElement.scrollWidth > innerWidth) faults.push("the page is wider than the screen");
    // What lies under a dialog is out of reach, as it should be.
    const within = document.querySelector("dialog[open]") ?? document;
    for (const button of within.querySelectorAll<HTMLElement>("button, a[href], select")) {
      const name = button.getAttribute("aria-label") ?? button.textContent ?? "";
      if (!button.checkVisibility()) continue;
      button.scrollIntoView({ block: "center", inline: "nearest" });
      const { left, right, top, bottom } = button.getBoundingClientRect();
      if (left < 0 || right > innerWidth + 0.5)
        faults.push(`${name}: ${Math.round(left)} to ${Math.round(right)}`);
      const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
      if (!hit || !button.contains(hit)) faults.push(`${name}: a finger meets ${hit?.tagName ?? "nothing"}`);
    }
    return faults;
  });
}

const LARGE = [
  { what: "letters of twice the size", width: 390, height: 844, text: 2 },
  { what: "letters of twice the size", width: 320, height: 568, text: 2 },
  { what: "letters of twice the size", width: 568, height: 320, text: 2 },
  { what: "a zoom of 400 %", width: 320, height: 256, text: 1 },
] as const;

test("meets every button with large letters and zoom, on every screen of a session", async ({
  ui,
  playwrightUi: { page },
  pageUrl,
}) => {
  const check = async (screen: string) => {
    for (const { what, width, height, text } of LARGE) {
      await page.setViewportSize({ width, height });
      await page.evaluate((factor) => {
        document.documentElement.style.fontSize = `${100 * factor}%`;
      }, text);
      expect(await everyButtonIsMet(page), `${screen}, ${width}x${height}, ${what}`).toEqual([]);
    }
    await page.setViewportSize({ width: 390, height: 844 });
    await page.evaluate(() => {
      document.documentElement.style.fontSize = "";
    });
  };
  await ui.open(pageUrl);
  await ui.see(gate("before-asking"));
  await check("first screen");
  await ui.press("Allow camera and microphone");
  await ui.see(record("ready"));
  // What was pressed is gone: the next thing to press has the focus.
  await expect(page.getByRole("button", { name: "Start streaming" })).toBeFocused();
  await check("ready");
  await ui.press("Show details");
  await check("details");
  await ui.press("Close details");
  await ui.press("Start streaming");
  await ui.see(record("live"));
  await check("live");
  await ui.press("Stop streaming");
  await ui.see(record("ended"));
  await expect(page.getByRole("button", { name: "New session" })).toBeFocused();
  await check("ended");
  await ui.press("New session");
  await expect(page.getByRole("button", { name: "Start streaming" })).toBeFocused();
});

test("keeps how the picture is shown, and dims the screen without ending anything", async ({
  ui,
  playwrightUi: { page },
  pageUrl,
  backend,
}) => {
  await startStreaming(ui, pageUrl);
  await ui.press("Cropped: show the whole picture, as it is sent");
  await expect(page.locator("video")).toHaveCSS("object-fit", "contain");
  await ui.press("Dim the screen");
  await expect(page.locator("video")).toHaveCount(0);
  const before = backend.recording.stream("video").chunks.length;
  await expect.poll(() => backend.recording.stream("video").chunks.length).toBeGreaterThan(before + 5);
  await page.getByRole("button", { name: /Tap to light the screen/ }).click();
  await expect(page.locator("video")).toHaveCSS("object-fit", "contain");
  await ui.press("Stop streaming");
  await ui.see(record("ended"));
  await page.reload();
  await ui.see("video");
  await expect(page.locator("video")).toHaveCSS("object-fit", "contain");
});
