/** What the page does about camera and microphone before, between and in sessions. */
import {
  liveTracks,
  loseDevice,
  openOneCameraAtATime,
  takeCamera,
  watchTracks,
} from "./support/device-faults.ts";
import { expect, test } from "./support/fixtures.ts";
import { allowDevices, badge, gate, receives, stopStreaming } from "./support/flows.ts";
import { accountOf } from "./support/recording.ts";
import { record, type Ui } from "./support/ui.ts";

const KINDS = ["video", "audio"] as const;
const camera = (state: string) => `[data-state="${state}"] > video`;

async function openGate(ui: Ui, pageUrl: string): Promise<void> {
  await ui.open(pageUrl);
  await ui.see(gate("before-asking"));
}

test.describe("with two cameras, of which one opens at a time", () => {
  test.use({ devices: "two-cameras" });

  test("switches the camera while it streams, and holds one only", async ({ ui, backend, pageUrl }) => {
    await openGate(ui, pageUrl);
    await openOneCameraAtATime(ui);
    await ui.press("Allow camera and microphone");
    await ui.press("Start streaming");
    for (const kind of KINDS) await receives(backend, kind, 2);
    const cameraId = () =>
      ui.evaluate(() => {
        const preview = document.querySelector("video")?.srcObject as MediaStream | null;
        return preview?.getVideoTracks()[0]?.getSettings().deviceId;
      }, null);
    const before = await cameraId();
    await ui.press("Switch camera");
    await expect.poll(cameraId, { timeout: 15_000 }).not.toBe(before);
    await ui.see(camera("live"));
    await receives(backend, "video", 6);
    // The page's own, and at most the encoder's clone of it.
    expect(await liveTracks(ui, "video")).toBeLessThanOrEqual(2);
    await stopStreaming(ui);
    expect(await liveTracks(ui, "video")).toBe(1);
    expect(backend.recording.stream("audio").segmentFiles).toHaveLength(1);
    for (const kind of KINDS) {
      expect(accountOf(backend.recording.stream(kind))).toMatchObject({ missing: [], repeated: [] });
      expect(backend.recording.stream(kind).verified).toBe(true);
    }
  });
});

test("has camera and microphone again that were lost on the ready screen, and streams both", async ({
  ui,
  backend,
  pageUrl,
}) => {
  await openGate(ui, pageUrl);
  await watchTracks(ui);
  await ui.press("Allow camera and microphone");
  await ui.see(record("ready"));
  for (const kind of KINDS) await loseDevice(ui, kind);
  await ui.see(camera("live"));
  await ui.press("Start streaming");
  for (const kind of KINDS) await receives(backend, kind, 2);
  await stopStreaming(ui);
  for (const kind of KINDS) expect(backend.recording.stream(kind).verified).toBe(true);
});

test("names the camera that another app has, and opens it by a tap", async ({ ui, backend, pageUrl }) => {
  await openGate(ui, pageUrl);
  await openOneCameraAtATime(ui);
  await takeCamera(ui, true);
  await ui.press("Allow camera and microphone");
  await ui.see(record("ready"));
  await ui.see(camera("camera-missing"));
  expect(await ui.text("main, body")).toContain("The camera is in use by another app");
  await takeCamera(ui, false);
  await ui.press("Try again");
  await ui.see(camera("live"));
  await ui.press("Start streaming");
  for (const kind of KINDS) await receives(backend, kind, 2);
  await ui.see(badge("video", "live"));
  await stopStreaming(ui);
});

test("spares who allowed both to this page before the question", async ({ ui, pageUrl }) => {
  await allowDevices(ui, pageUrl);
  await ui.open(pageUrl);
  await ui.see(record("ready"));
});

test("streams a second session with a camera that was lost under the summary of the first", async ({
  ui,
  backend,
  pageUrl,
}) => {
  await openGate(ui, pageUrl);
  await watchTracks(ui);
  await ui.press("Allow camera and microphone");
  await ui.press("Start streaming");
  for (const kind of KINDS) await receives(backend, kind, 1);
  await stopStreaming(ui);
  await loseDevice(ui, "video");
  await ui.press("New session");
  await ui.see(camera("live"));
  await ui.press("Start streaming");
  await ui.see(record("live"));
  await ui.see(badge("video", "live"));
  await stopStreaming(ui);
});
