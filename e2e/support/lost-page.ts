/** Steps of the flows whose page is lost. */
import { type BrowserContext, expect, type Page } from "@playwright/test";
import type { FaultProxy } from "./fault-proxy.ts";
import type { Backend } from "./fixtures.ts";
import { badge, receives } from "./flows.ts";
import type { Ui } from "./ui.ts";
import { judge, WHOLE } from "./verdict.ts";

const KINDS = ["video", "audio"] as const;

/** Selector of what the page says of a session that another page left. */
export const leftover = (kind: string) => `section[data-leftover="${kind}"]`;

/** What a journal may lack at the end: the chunk that was being encoded, and a machine that is busy. */
const NEWEST_MS = 1_500;

/** Streams, loses both connections, and records for a while longer. @returns when the page is about to be lost. */
export async function recordInAnOutage(
  ui: Ui,
  backend: Backend,
  faults: FaultProxy,
  seconds: number,
): Promise<void> {
  for (const kind of KINDS) await receives(backend, kind, 1);
  faults.set("both", { refuse: true });
  faults.cut("both");
  const cutAt = Date.now();
  await ui.see(badge("video", "reconnecting"));
  await expect.poll(() => Date.now() - cutAt, { timeout: 20_000 }).toBeGreaterThan(seconds * 1_000);
}

/** The page is back, and so is the path: waits for the verdict. */
export async function deliver(page: Page, faults: FaultProxy): Promise<void> {
  await page.locator(leftover("sending")).waitFor({ timeout: 15_000 });
  faults.clear();
  await page.locator(leftover("over")).waitFor({ timeout: 30_000 });
}

/** Everything that was stored arrived, up to the moment in which the page was lost. */
export async function expectAll(
  backend: Backend,
  lostAt: number,
  folder: string,
  expected: Record<string, unknown> = WHOLE,
  newestMs = NEWEST_MS,
): Promise<void> {
  for (const kind of KINDS) {
    const stream = backend.recording.stream(kind);
    expect(await judge(stream, folder), kind).toMatchObject(expected);
    const newestAt = Math.max(...stream.chunks.map(({ capturedTo }) => capturedTo));
    expect(lostAt - newestAt, `ms of ${kind} that the lost page did not store`).toBeLessThan(newestMs);
  }
}

/** Ends the renderer. @returns when. */
export async function crash(page: Page): Promise<number> {
  const cdp = await page.context().newCDPSession(page);
  const crashed = page.waitForEvent("crash");
  const at = Date.now();
  // It never answers: there is nobody left to.
  void cdp.send("Page.crash").catch(() => {});
  await crashed;
  return at;
}

export async function openBeside(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url);
  return page;
}
