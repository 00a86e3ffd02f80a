/** The workers of a page, by what they are for. */
import type { Page, Worker } from "@playwright/test";

const METER = "meter";

/** @returns those that have a stream each, in the order in which they were made: the video's comes first. */
export const streamWorkers = (page: Page): Promise<Worker[]> => withName(page, (name) => name !== METER);

/** @returns those that draw the microphone's level: one, in Chromium. */
export const meterWorkers = (page: Page): Promise<Worker[]> => withName(page, (name) => name === METER);

async function withName(page: Page, isWanted: (name: string) => boolean): Promise<Worker[]> {
  const workers = page.workers();
  const names = await Promise.all(
    workers.map((worker) => worker.evaluate(() => (globalThis as unknown as { name: string }).name)),
  );
  return workers.filter((_, index) => isWanted(names[index] ?? ""));
}
