/**
 * What is seen may be rewritten by the browser, or break: what is recorded stays in the person's hand.
 */
import { expect, test } from "./support/fixtures.ts";
import { allowDevices, badge, receives, record, stopStreaming } from "./support/flows.ts";
import { type TranslatorMode, translator } from "./support/translator.ts";

const KINDS = ["video", "audio"] as const;

for (const mode of ["all", "once", "visible"] satisfies TranslatorMode[]) {
  test(`streams, reconnects and ends while the browser translates the page (${mode})`, async ({
    ui,
    playwrightUi: { page },
    backend,
    faults,
    pageUrl,
  }) => {
    const errors: string[] = [];
    page.on("pageerror", ({ message }) => errors.push(message));
    const translateNow = async () => {
      if (mode !== "once") return;
      await ui.evaluate(() => (globalThis as unknown as { translateNow(): void }).translateNow(), null);
    };
    await page.addInitScript(translator, mode);
    await allowDevices(ui, pageUrl);
    await translateNow();
    await ui.press("Start streaming");
    await ui.see(record("live"));
    for (const kind of KINDS) await receives(backend, kind, 1);

    await ui.press("Show details");
    await translateNow();
    await ui.press("Close details");
    faults.set("both", { refuse: true });
    faults.cut("both");
    await ui.see(badge("video", "reconnecting"));
    // What is said is what is so: a text that was translated follows what happens all the same.
    await expect.poll(() => ui.text(badge("video")), { timeout: 15_000 }).toMatch(/keeping\s([4-9]|\d\d)/i);
    faults.clear();
    for (const kind of KINDS) await ui.see(badge(kind, "live"));
    await expect.poll(() => ui.text(badge("video"))).toMatch(/live.*ms delay/is);
    await stopStreaming(ui);
    await translateNow();
    for (const kind of KINDS) expect(backend.recording.stream(kind).verified).toBe(true);
    await ui.press("New session");
    await ui.see(record("ready"));
    expect(errors).toEqual([]);
  });
}

const BREAKS = [
  {
    // As extensions do: React's next change of it throws.
    what: "an element of it is replaced by another one",
    replaced: 'button[aria-label="Mute microphone"] svg',
    next: "Mute microphone",
  },
  // Its copy looks the same, and its Stop would stop nothing.
  { what: "all of it is replaced by a copy", replaced: "[data-view] > *", next: null },
] as const;

for (const { what, replaced, next } of BREAKS) {
  test(`keeps a Stop that stops when ${what}, and shows the page again`, async ({
    ui,
    playwrightUi: { page },
    backend,
    pageUrl,
  }) => {
    await allowDevices(ui, pageUrl);
    await ui.press("Start streaming");
    await ui.see(record("live"));
    for (const kind of KINDS) await receives(backend, kind, 1);
    await ui.evaluate((selector) => {
      for (const element of document.querySelectorAll(selector)) element.replaceWith(element.cloneNode(true));
    }, replaced);
    if (next) await ui.press(next);
    await expect(page.getByRole("heading", { name: "The page's view broke" })).toBeVisible();
    await page.locator("[data-behind] button").getByText("Stop streaming").click();
    for (const kind of KINDS) {
      await expect.poll(() => backend.recording.stream(kind).verified, { timeout: 15_000 }).toBe(true);
    }
    await page.locator("[data-behind] button").getByText("Show the page again").click();
    await expect(page.locator(record("ended")).last()).toBeVisible();
  });
}

test("has the first button where the thumb is, from its first frame on", async ({
  playwrightUi: { page },
  pageUrl,
}) => {
  for (const [width, height] of [
    [390, 844],
    [320, 568],
    [844, 390],
  ] as const) {
    await page.setViewportSize({ width, height });
    await page.addInitScript(() => {
      const seen: number[] = [];
      Object.assign(globalThis, { bottoms: seen });
      const look = () => {
        const button = document.querySelector('section[data-state="before-asking"] button');
        const bottom = button?.getBoundingClientRect().bottom;
        if (bottom !== undefined && bottom !== seen.at(-1)) seen.push(bottom);
        requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
    await page.goto(pageUrl);
    await expect(page.getByRole("button", { name: "Allow camera and microphone" })).toBeVisible();
    // All that comes late has come.
    await page.waitForLoadState("networkidle");
    const bottoms = await page.evaluate(() => (globalThis as unknown as { bottoms: number[] }).bottoms);
    expect(bottoms, `${width} × ${height}`).toHaveLength(1);
    if (height > width) expect(bottoms[0]).toBeGreaterThan(height - 24);
  }
});
