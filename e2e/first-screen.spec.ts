/**
 * The first minute: words before any code, a button that takes a press from its first frame on, and that stays where it
 * stands.
 */
import type { Page } from "@playwright/test";
import { expect, test } from "./support/fixtures.ts";
import { gate, record } from "./support/flows.ts";

const SCREENS = [
  { width: 390, height: 844 },
  { width: 320, height: 568 },
  { width: 844, height: 390 },
  { width: 1440, height: 900 },
] as const;

const ALLOW = "Allow camera and microphone";

/** How far from the lower edge a button's own edge is where a thumb reaches it. */
const REACH_PX = 40;

/** Whatever moved while nobody pressed anything, as the browser sums it up. */
async function watchShifts(page: Page): Promise<() => Promise<number>> {
  await page.addInitScript(() => {
    Object.assign(globalThis, { shifted: 0 });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & {
        value: number;
        hadRecentInput: boolean;
      })[]) {
        if (!entry.hadRecentInput) (globalThis as unknown as { shifted: number }).shifted += entry.value;
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
  return () => page.evaluate(() => (globalThis as unknown as { shifted: number }).shifted);
}

/** Notes each place where the first button of the gate, or the record button, has stood, as long as the page is there. */
async function watchButtons(page: Page): Promise<() => Promise<{ gate: string[]; record: string[] }>> {
  await page.addInitScript(() => {
    const seen = { gate: new Set<string>(), record: new Set<string>() };
    Object.assign(globalThis, { seen });
    const place = (selector: string, into: Set<string>) => {
      const { left, bottom, width } = document.querySelector(selector)?.getBoundingClientRect() ?? {};
      if (width) into.add(`${Math.round(left ?? 0)} to ${Math.round(bottom ?? 0)}`);
    };
    const look = () => {
      place("section button:last-of-type", seen.gate);
      place("button[data-phase]", seen.record);
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  return () =>
    page.evaluate(() => {
      const { seen } = globalThis as unknown as { seen: Record<"gate" | "record", Set<string>> };
      return { gate: [...seen.gate], record: [...seen.record] };
    });
}

test("says what it is for and shows its button before any code is there", async ({
  playwrightUi,
  pageUrl,
}) => {
  const { page } = playwrightUi;
  await page.route(/\.js(\?|$)/, (route) => route.abort());
  for (const screen of SCREENS) {
    await page.setViewportSize(screen);
    await page.goto(pageUrl);
    await expect(page.getByRole("heading", { name: "Your camera and microphone, live" })).toBeVisible();
    const button = await page.getByRole("button", { name: ALLOW }).boundingBox();
    expect(button?.height).toBeGreaterThanOrEqual(48);
    if (screen.width < 1_000) {
      expect(screen.height - ((button?.y ?? 0) + (button?.height ?? 0))).toBeLessThanOrEqual(REACH_PX);
    }
  }
});

test("gives a link's preview its picture, by whatever host the page is reached", async ({
  request,
  pageUrl,
}) => {
  const headers = { "x-forwarded-host": "cast.example.org", "x-forwarded-proto": "https" };
  const html = await (await request.get(pageUrl, { headers })).text();
  for (const name of ["og:image", "twitter:image"]) {
    expect(html).toContain(`="${name}" content="https://cast.example.org/social-card.png"`);
  }
});

test("takes a press that comes before its code", async ({ ui, playwrightUi, pageUrl }) => {
  const { page } = playwrightUi;
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route(/\.js(\?|$)/, async (route) => {
    await released;
    await route.continue();
  });
  await page.goto(pageUrl, { waitUntil: "commit" });
  await page.getByRole("button", { name: ALLOW }).click();
  await expect(page.getByRole("button", { name: ALLOW })).toHaveAttribute("aria-busy", "true");
  release();
  await ui.see(record("ready"));
});

for (const screen of SCREENS) {
  test(`never moves its button at ${screen.width}x${screen.height}, from the first frame to the next session`, async ({
    ui,
    playwrightUi,
    pageUrl,
  }) => {
    const { page } = playwrightUi;
    await page.setViewportSize(screen);
    const shifts = await watchShifts(page);
    const places = await watchButtons(page);
    await page.goto(pageUrl);
    await ui.see(gate("before-asking"));
    // The code is there, and what it brings has found its place.
    await page.waitForLoadState("networkidle");
    await page.getByRole("button", { name: ALLOW }).click();
    await ui.see(record("ready"));
    await ui.press("Start streaming");
    await ui.see(record("live"));
    await ui.press("Stop streaming");
    await ui.see(record("ended"));
    await ui.press("New session");
    await ui.see(record("ready"));
    const seen = await places();
    expect(seen.gate, "where the first button stood").toHaveLength(1);
    expect(seen.record, "where the record button stood").toHaveLength(1);
    expect(await shifts(), "layout shift").toBeLessThan(0.01);
  });
}
