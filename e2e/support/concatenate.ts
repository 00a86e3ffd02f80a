import { readFile, writeFile } from "node:fs/promises";

/** Lays files end to end. @returns the path of the whole. */
export async function concatenate(files: readonly string[], target: string): Promise<string> {
  await writeFile(target, Buffer.concat(await Promise.all(files.map((file) => readFile(file)))));
  return target;
}
