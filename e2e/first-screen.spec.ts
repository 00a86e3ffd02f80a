/**
 * The first minute: words before any code, a button that takes a press from its first frame on, and that stays where it
 * stands.
 */
import type { Page } from "@playwright/test";
import { EARLY_ATTRIBUTE, KEEP_PRESS } from "../frontend/app/early-press.ts";
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

/** Notes each place where the middle of the gate's first button, or of the record button, was while the page is there. */
async function watchButtons(page: Page): Promise<() => Promise<{ gate: string[]; record: string[] }>> {
  await page.addInitScript(() => {
    const seen = { gate: new Set<string>(), record: new Set<string>() };
    Object.assign(globalThis, { seen });
    const place = (selector: string, into: Set<string>) => {
      const box = document.querySelector(selector)?.getBoundingClientRect();
      if (!box?.width) return;
      // Its middle: the whole of it is a little smaller while it is pressed. No half pixel may round up once and down once.
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2].map((px) => Math.round(px + 0.1));
      into.add(`${x}, ${y}`);
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

test("listens for a press before there is a button to press", async ({ pageUrl }) => {
  const html = await (await fetch(pageUrl)).text();
  const listensAt = html.indexOf(KEEP_PRESS);
  expect(listensAt).toBeGreaterThan(0);
  // A script behind a style sheet waits for it, while the first frame may not.
  expect(html.indexOf('rel="stylesheet"')).toBeGreaterThan(listensAt);
  expect(html.indexOf(`${EARLY_ATTRIBUTE}=`)).toBeGreaterThan(listensAt);
});

test("has its scripts compiled while they come", async ({ pageUrl }) => {
  const html = await (await fetch(pageUrl)).text();
  const paths = [...html.matchAll(/<script src="([^"]+chunks[^"]+)" defer/g)].map(([, path = ""]) => path);
  expect(paths.length).toBeGreaterThan(2);
  for (const path of paths) {
    const script = await (await fetch(new URL(path, pageUrl))).text();
    expect(script.slice(0, 40), path).toContain("//# allFunctionsCalledOnLoad\n");
  }
});

test("asks for its letters behind its code", async ({ pageUrl }) => {
  const html = await (await fetch(pageUrl)).text();
  const [preload = ""] = /<link rel="preload" as="font"[^>]*>/.exec(html) ?? [];
  expect(preload.toLowerCase()).toContain('fetchpriority="low"');
  const [, href = ""] = /href="([^"]+)"/.exec(preload) ?? [];
  const letters = await fetch(new URL(href, pageUrl));
  expect(letters.status).toBe(200);
  // The very file that the style sheet names, or it would be fetched twice.
  const [, styles = ""] = /<link rel="stylesheet" href="([^"]+)"/.exec(html) ?? [];
  const css = await (await fetch(new URL(styles, pageUrl))).text();
  expect(css).toContain(href.split("/").at(-1));
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
    expect(await shifts(), "layout shift before anybody pressed anything").toBe(0);
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
    // What a press brings may come later than the 500 ms for which the browser counts it as the press's.
    expect(await shifts(), "layout shift").toBeLessThan(0.1);
  });
}
