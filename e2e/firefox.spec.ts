/** What is peculiar to Firefox, whose pages draw each picture for the encoder themselves. */
import { expect, test } from "./support/fixtures.ts";
import { decodeSegments, receives, startStreaming, stopStreaming } from "./support/flows.ts";

const HIDDEN_MS = 5_000;
/** Measured on a busy machine: 27. Firefox throttles timers of such a tab to one a second. */
const MIN_PICTURES_PER_SECOND = 5;

test(
  "goes on sending pictures from a tab in the background",
  { tag: "@firefox" },
  async ({ ui, backend, pageUrl }, info) => {
    await startStreaming(ui, pageUrl);
    await receives(backend, "video", 2);
    if (!ui.hide) throw new Error(`There is no way to hide a page of ${ui.engine}.`);
    await ui.hide();
    await expect.poll(() => ui.evaluate(() => document.visibilityState, null)).toBe("hidden");
    const video = () => backend.recording.stream("video");
    const audio = () => backend.recording.stream("audio");
    const hiddenAtMs = Date.now();
    for (const stream of [video, audio]) {
      await expect
        .poll(() => stream().chunks.at(-1)?.capturedTo ?? 0, { timeout: 20_000 })
        .toBeGreaterThan(hiddenAtMs + HIDDEN_MS);
    }
    await stopStreaming(ui);

    const beganAtMs = video().chunks[0]?.capturedFrom ?? 0;
    const decoded = await decodeSegments(video(), info.outputDir);
    const pictures = decoded
      .flatMap(({ times }) => times)
      .map((seconds) => beganAtMs + seconds * 1_000)
      .filter((atMs) => atMs > hiddenAtMs && atMs < hiddenAtMs + HIDDEN_MS);
    expect(pictures.length / (HIDDEN_MS / 1_000)).toBeGreaterThan(MIN_PICTURES_PER_SECOND);
    for (const { complaints } of decoded) expect(complaints).toBe("");
    for (const stream of [video(), audio()]) expect(stream.verified).toBe(true);
  },
);
