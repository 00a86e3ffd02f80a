/** All that collector.py wrote during a session. */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { GivenTone } from "../../../e2e/support/clock/clock-sources.ts";
import type { Arrivals } from "../peer.ts";
import { pictureArrivals } from "./pictures.ts";
import { type PictureHeader, type RecordOf, readRecords, type SoundHeader } from "./records.ts";
import { toneArrivals } from "./sound.ts";

/** @returns the records of each file whose name begins like that, in the files' order. */
export async function recordsOf<Header>(folder: string, begin: string): Promise<RecordOf<Header>[][]> {
  const names = (await readdir(folder)).filter((name) => name.startsWith(begin)).sort();
  return Promise.all(names.map(async (name) => readRecords<Header>(await readFile(path.join(folder, name)))));
}

/** What was decoded. */
export async function decodedArrivals(folder: string, given: readonly GivenTone[]): Promise<Arrivals> {
  const pictures = (await recordsOf<PictureHeader>(folder, "pictures-")).map(pictureArrivals);
  const sound = await recordsOf<SoundHeader>(folder, "sound-");
  return {
    video: pictures.flatMap(({ arrivals }) => arrivals),
    audio: sound.flatMap((records) => toneArrivals(records, given)),
    damagedAt: pictures.flatMap(({ damagedAt }) => damagedAt),
  };
}
