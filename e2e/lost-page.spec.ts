/**
 * The page is lost in the middle of an outage: what it had recorded is on the phone, and the page that comes back
 * delivers it.
 */
import type { Page } from "@playwright/test";
import { expect, test } from "./support/fixtures.ts";
import { badge, record, startStreaming, stopStreaming } from "./support/flows.ts";
import { crash, deliver, expectAll, leftover, openBeside, recordInAnOutage } from "./support/lost-page.ts";
import { accountOf } from "./support/recording.ts";
import type { Ui } from "./support/ui.ts";
import { judge, WHOLE } from "./support/verdict.ts";

const KINDS = ["video", "audio"] as const;

/** Some browsers remember that they may have the devices, and some ask once more. */
async function startAgain(ui: Ui): Promise<void> {
  try {
    await ui.see(record("ready"), 5_000);
  } catch {
    await ui.press("Allow camera and microphone");
    await ui.see(record("ready"));
  }
  await ui.press("Start streaming");
  await ui.see(badge("video"));
}

/** The names of the sessions of which something is stored. */
function storedSessions(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const names: string[] = [];
    const sessions = await root.getDirectoryHandle("twincast-sessions").catch(() => null);
    for await (const name of sessions?.keys() ?? []) names.push(name);
    return names;
  });
}

test("delivers what a crashed page had stored, from a tab that saw it live", async ({
  ui,
  playwrightUi: { page },
  backend,
  faults,
  pageUrl,
}, info) => {
  await startStreaming(ui, pageUrl);
  const second = await openBeside(page.context(), pageUrl);
  await expect(second.locator(leftover("elsewhere"))).toBeVisible();
  await page.bringToFront();
  await recordInAnOutage(ui, backend, faults, 10);
  const lostAt = await crash(page);
  await second.bringToFront();
  await deliver(second, faults);
  await expect(second.locator(leftover("over"))).toContainText("Everything arrived");
  await expectAll(backend, lostAt, info.outputDir);
  expect(backend.recording.stream("video").segmentFiles.length).toBeGreaterThan(1);
  await expect.poll(() => storedSessions(second)).toEqual([]);
  await second.getByRole("button", { name: "Done" }).click();
  await expect(second.locator(leftover("over"))).toBeHidden();
});

test(
  "delivers after a reload, beside a new session, where the browser gives files, and says where it does not",
  {
    tag: "@every-engine",
  },
  async ({ ui, backend, faults, pageUrl }, info) => {
    await startStreaming(ui, pageUrl);
    await recordInAnOutage(ui, backend, faults, 3);
    await ui.press("Show details");
    const isStored = !(await ui.text('section[data-stream="video"]')).includes(
      "no: this browser gives no room",
    );
    console.log(`${ui.engine}: media ${isStored ? "outlive" : "do not outlive"} the page`);
    const lostAt = Date.now();
    await ui.open(pageUrl);
    if (!isStored) {
      faults.clear();
      await startAgain(ui);
      await stopStreaming(ui);
      return;
    }
    await ui.see(leftover("sending"));
    await startAgain(ui);
    faults.clear();
    await ui.see(leftover("over"), 30_000);
    await stopStreaming(ui);
    // Some recorders hand over what they have a second late.
    await expectAll(backend, lostAt, info.outputDir, WHOLE, 3_000);
    const [, beside] = backend.recording.sessions;
    for (const kind of KINDS) expect(backend.recording.stream(kind, beside).verified).toBe(true);
  },
);

test.describe("with a backend that acknowledges at once", () => {
  // A killed backend gets again what it had written and not acknowledged: here that is next to nothing.
  test.use({ backendEnv: { ACK_EVERY_MS: "1" } });

  test("delivers from another tab after the first was closed and the backend killed", async ({
    ui,
    playwrightUi: { page },
    backend,
    faults,
    pageUrl,
  }, info) => {
    await startStreaming(ui, pageUrl);
    await recordInAnOutage(ui, backend, faults, 3);
    const context = page.context();
    const lostAt = Date.now();
    await page.close();
    await backend.stop("SIGKILL");
    const next = await openBeside(context, pageUrl);
    await next.locator(leftover("sending")).waitFor();
    await backend.start();
    await deliver(next, faults);
    const repeated = KINDS.flatMap((kind) => accountOf(backend.recording.stream(kind)).repeated);
    expect(repeated.length).toBeLessThanOrEqual(1);
    // A decoder does not like the chunk that came twice.
    const orTwice: unknown = expect.any(Array);
    await expectAll(backend, lostAt, info.outputDir, {
      ...WHOLE,
      verified: false,
      ...(repeated.length > 0 && { repeated: orTwice, complaints: orTwice }),
    });
  });
});

test("discards at once what the person does not want", async ({
  ui,
  playwrightUi: { page },
  backend,
  faults,
  pageUrl,
}) => {
  await startStreaming(ui, pageUrl);
  await recordInAnOutage(ui, backend, faults, 2);
  const context = page.context();
  await page.close();
  const next = await openBeside(context, pageUrl);
  await next.getByRole("button", { name: "Discard" }).click();
  await expect(next.locator(leftover("sending"))).toBeHidden();
  await expect.poll(() => storedSessions(next)).toEqual([]);
  await next.reload();
  await expect(next.locator(record("ready"))).toBeVisible();
  await expect(next.locator(leftover("sending"))).toBeHidden();
});

test("streams as ever where there is no room to store anything, and says so", async ({
  ui,
  playwrightUi: { page },
  backend,
  faults,
  pageUrl,
}, info) => {
  await ui.open(pageUrl);
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Storage.overrideQuotaForOrigin", { origin: new URL(pageUrl).origin, quotaSize: 600_000 });
  await startStreaming(ui, pageUrl);
  await recordInAnOutage(ui, backend, faults, 3);
  await ui.press("Show details");
  await expect(page.getByText("no: the browser's storage is full").first()).toBeVisible();
  await page.keyboard.press("Escape");
  faults.clear();
  await ui.see(badge("video", "live"));
  await stopStreaming(ui);
  for (const kind of KINDS) {
    expect(await judge(backend.recording.stream(kind), info.outputDir), kind).toMatchObject(WHOLE);
  }
});
