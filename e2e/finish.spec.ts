import { expect, test } from "./support/fixtures.ts";
import { allowDevices, badge, receives, record, startStreaming, stopStreaming } from "./support/flows.ts";
import { streamWorkers } from "./support/workers.ts";

test("says what is kept, how much is left to send, and at the end what the backend has", async ({
  ui,
  backend,
  faults,
  pageUrl,
}) => {
  await startStreaming(ui, pageUrl);
  await receives(backend, "video", 2);
  faults.set("video", { refuse: true });
  faults.cut("video");
  await ui.see(badge("video", "reconnecting"));
  const keptSeconds = async () =>
    Number(/keeping ([\d.]+)\ss/i.exec(await ui.text(badge("video", "reconnecting")))?.[1]);
  await expect.poll(keptSeconds, { timeout: 20_000 }).toBeGreaterThan(4);

  // What is left shrinks on the way to the end.
  faults.clear();
  faults.set("video", { bytesPerSecond: 25_000 });
  await ui.press("Stop streaming");
  const left: number[] = [];
  await expect
    .poll(
      async () => {
        const [, figure, unit] =
          /Finishing.*?([\d.]+)\s([KM]B) left/s.exec(await ui.text(badge("video"))) ?? [];
        if (figure) left.push(Number(figure) * (unit === "MB" ? 1_000_000 : 1_000));
        return new Set(left).size;
      },
      { timeout: 20_000 },
    )
    .toBeGreaterThan(2);
  expect(left).toEqual(left.toSorted((a, b) => b - a));
  faults.clear();

  await ui.see(record("ended"), 30_000);
  expect(await ui.text("main")).toContain("Everything arrived");
  for (const kind of ["video", "audio"] as const) {
    const { chunks, verified } = backend.recording.stream(kind);
    expect(verified).toBe(true);
    expect(await ui.text(`li[data-stream="${kind}"]`)).toContain(
      `in ${chunks.length.toLocaleString("en")}\u00a0chunks, verified`,
    );
  }
});

test("asks before the page is left while media are not delivered, and not afterwards", async ({
  ui,
  playwrightUi: { page },
  backend,
  faults,
  pageUrl,
}) => {
  await startStreaming(ui, pageUrl);
  await receives(backend, "video", 1);
  faults.set("video", { refuse: true });
  faults.cut("video");
  await ui.see(badge("video", "reconnecting"));
  await ui.press("Stop streaming");

  const asked = page.waitForEvent("dialog");
  await page.close({ runBeforeUnload: true });
  const dialog = await asked;
  expect(dialog.type()).toBe("beforeunload");
  await dialog.dismiss();
  faults.clear();
  await ui.see(record("ended"), 30_000);
  expect(backend.recording.stream("video").verified).toBe(true);

  page.on("dialog", () => expect.soft("a dialog").toBe("none"));
  const closed = page.waitForEvent("close");
  await page.close({ runBeforeUnload: true });
  await closed;
});

test("needs no socket of the page: each stream's lives in a worker of its own", async ({
  ui,
  playwrightUi: { page },
  backend,
  pageUrl,
}) => {
  await allowDevices(ui, pageUrl);
  await ui.evaluate(() => {
    window.WebSocket = class {
      constructor() {
        throw new Error("The page opens no socket.");
      }
    } as unknown as typeof WebSocket;
  }, null);
  await ui.press("Start streaming");
  for (const kind of ["video", "audio"] as const) await receives(backend, kind, 1);
  expect(await streamWorkers(page)).toHaveLength(2);
  await stopStreaming(ui);
});
