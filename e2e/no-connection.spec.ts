/**
 * Nothing arrives, and the page says so, and why: from the first screen to the first acknowledgement.
 */
import { expect, test } from "./support/fixtures.ts";
import { allowDevices, badge, gate, receives, record } from "./support/flows.ts";

const notice = (problem: string) => `[role="alert"][data-problem="${problem}"]`;

test("says that a network lets no WebSocket through, and streams once it does", async ({
  ui,
  playwrightUi: { page },
  backend,
  faults,
  pageUrl,
}) => {
  faults.set("both", { refuse: true });
  await ui.open(pageUrl);
  await ui.see(gate("before-asking"));
  await ui.see(notice("no-live-connection"));
  await ui.press("Allow camera and microphone");
  await ui.see(record("ready"));
  await ui.see(notice("no-live-connection"));
  await ui.press("Start streaming");
  await ui.see(record("live"));
  await ui.see(notice("no-live-connection"));
  for (const kind of ["video", "audio"] as const) await ui.see(badge(kind, "connecting"));
  await expect(page.getByText("Connecting, not sent yet")).toBeVisible();
  await expect(page.getByRole("timer")).toHaveCount(0);
  const said = page.locator('[role="status"]');
  expect(await said.allInnerTexts()).not.toContain("Streaming has started.");

  faults.clear();
  for (const kind of ["video", "audio"] as const) await ui.see(badge(kind, "live"), 20_000);
  await expect(page.getByRole("timer")).toBeVisible();
  await expect(page.locator(notice("no-live-connection"))).toHaveCount(0);
  await receives(backend, "video", 1);
});

test("calls nothing finished while nothing is connected, and can be discarded and begun again", async ({
  ui,
  playwrightUi: { page },
  backend: _isThere,
  faults,
  pageUrl,
}) => {
  await allowDevices(ui, pageUrl);
  faults.set("both", { refuse: true });
  await ui.press("Start streaming");
  await ui.see(record("live"));
  await ui.see('[role="alert"][data-problem]', 20_000);
  await ui.press("Stop streaming");
  await expect(page.getByText(/^Waiting for the connection, .* still on this device/)).toBeVisible();
  expect(await ui.text("main")).not.toMatch(/100\s%/);
  await ui.press("Discard the rest");
  await ui.see(record("ended"));
  await ui.press("New session");
  await ui.see(record("ready"));
  await expect(page.getByRole("button", { name: "Start streaming" })).toBeFocused();
});

test.describe("where an address may have one session", () => {
  test.use({ backendEnv: { MAX_SESSIONS_PER_ADDRESS: "1" } });

  test("shows the backend's own words for why it takes no other, and begins when there is room", async ({
    ui,
    playwrightUi: { page },
    backend,
    pageUrl,
  }) => {
    await allowDevices(ui, pageUrl);
    await ui.press("Start streaming");
    await receives(backend, "video", 1);
    const second = await page.context().newPage();
    await second.goto(pageUrl);
    // This browser has given them to the page before, so it does not ask again.
    await second.getByRole("button", { name: "Start streaming" }).click();
    await expect(second.locator(notice("refused"))).toContainText("This address has 1 session open", {
      timeout: 15_000,
    });
    await ui.press("Stop streaming");
    await ui.see(record("ended"), 30_000);
    await expect(second.locator(badge("video", "live"))).toBeVisible({ timeout: 30_000 });
    await expect(second.locator(notice("refused"))).toHaveCount(0);
  });
});

test.describe("where the backend does not know this page", () => {
  test.use({ backendEnv: { ALLOWED_ORIGINS: "https://another.example.com" } });

  test("ends the session by itself with a verdict, and no word against the devices", async ({
    ui,
    playwrightUi: { page },
    backend: _isThere,
    pageUrl,
  }) => {
    await allowDevices(ui, pageUrl);
    await ui.see(notice("refuses-origin"));
    await ui.press("Start streaming");
    await ui.see(record("ended"));
    const words = await ui.text("main");
    expect(words).toContain("The session was stopped");
    expect(words).toContain("The backend takes no streams from this page.");
    expect(words).not.toMatch(/camera stands still|interrupted/i);
    await expect(page.locator("li[data-tone]")).toHaveCount(0);
    await ui.press("New session");
    await ui.see(record("ready"));
  });
});
