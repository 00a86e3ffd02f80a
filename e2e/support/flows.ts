/** Steps that many flows share, in the words of a person. */

import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect } from "@playwright/test";
import type { StreamKind } from "twincast";
import type { Backend } from "./fixtures.ts";
import { type Decoded, decode } from "./media.ts";
import { dropRepeatedBoxes } from "./mp4-boxes.ts";
import type { RecordedStream } from "./recording.ts";
import { badge, gate, record, type Ui } from "./ui.ts";

export async function allowDevices(ui: Ui, pageUrl: string): Promise<void> {
  await ui.open(pageUrl);
  await ui.see(gate("before-asking"));
  await ui.press("Allow camera and microphone");
  await ui.see(record("ready"));
}

export async function startStreaming(ui: Ui, pageUrl: string): Promise<void> {
  await allowDevices(ui, pageUrl);
  await ui.press("Start streaming");
  await ui.see(record("live"));
}

/** Stops, and waits until the backend has verified what it took. */
export async function stopStreaming(ui: Ui): Promise<void> {
  await ui.press("Stop streaming");
  // Of a session that has run for more than a minute.
  const isAsked = await ui.evaluate(() => document.querySelector("dialog[open]") !== null, null);
  if (isAsked) await ui.press("End it");
  await ui.see(record("ended"), 30_000);
}

/** How much of a stream has arrived: ms from the first chunk's capture to the last one's. */
export function mediaMs(backend: Pick<Backend, "recording">, kind: StreamKind, session?: string): number {
  const { chunks } = backend.recording.stream(kind, session);
  const [first] = chunks;
  const last = chunks.at(-1);
  return first && last ? last.capturedTo - first.capturedFrom : 0;
}

export async function receives(
  backend: Pick<Backend, "recording">,
  kind: StreamKind,
  seconds: number,
  session?: string,
): Promise<void> {
  await expect
    .poll(() => mediaMs(backend, kind, session), {
      message: `ms of ${kind} at the backend`,
      timeout: 20_000 + seconds * 1_000,
    })
    .toBeGreaterThan(seconds * 1_000);
}

/** Decodes every segment as one file each. */
export async function decodeSegments(stream: RecordedStream, folder: string): Promise<Decoded[]> {
  const decoded: Decoded[] = [];
  for (const segment of stream.segmentFiles) {
    const file = path.join(folder, `${stream.kind}-segment-${segment.segment}.media`);
    const bytes = Buffer.concat(await Promise.all(segment.files.map((part) => readFile(part))));
    await writeFile(file, dropRepeatedBoxes(bytes));
    decoded.push(await decode(file));
  }
  return decoded;
}

export { badge, gate, record };
