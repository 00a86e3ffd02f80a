/**
 * Streams a file, or a camera in the network that sends one JPEG after the other, to a backend.
 *
 * node stream.ts ws://localhost:8000/ws/video clip.webm video/webm
 * node stream.ts ws://localhost:8000/ws/video http://camera.local/video video/x-motion-jpeg
 *
 * TWINCAST_TOKEN: the backend's secret or a token, where it wants one. TWINCAST_SESSION: a UUID that the video and the
 * audio of one recording share.
 */
import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { openClient } from "./client.ts";

/** 8 KiB ten times a second, as from an encoder. */
async function* filePieces(path: string): AsyncIterable<Uint8Array> {
  for await (const piece of createReadStream(path, { highWaterMark: 8_192 })) {
    yield piece;
    await setTimeout(100);
  }
}

/** Of multipart/x-mixed-replace, whose parts say their length. */
async function* cameraPictures(url: string): AsyncIterable<Uint8Array> {
  let had = Buffer.alloc(0);
  for await (const bytes of (await fetch(url)).body ?? []) {
    had = Buffer.concat([had, bytes]);
    for (;;) {
      const head = /content-length:\s*(\d+)[\s\S]*?\r\n\r\n/i.exec(had.toString("latin1", 0, 1_024));
      const start = head ? head.index + head[0].length : 0;
      const end = start + Number(head?.[1]);
      if (!head || had.length < end) break;
      yield had.subarray(start, end);
      had = had.subarray(end);
    }
  }
}

const [url = "", source = "", mimeType = ""] = process.argv.slice(2);
const { TWINCAST_TOKEN: token, TWINCAST_SESSION: session = randomUUID() } = process.env;
const client = openClient(url, session, mimeType, token);
for await (const piece of source.startsWith("http") ? cameraPictures(source) : filePieces(source)) {
  client.add(piece);
}
const ended = await client.finish();
console.log(JSON.stringify(ended));
// "unknown" is a range that a backend took which is gone since: nobody compared it.
process.exitCode = ended.ranges.some(({ state }) => state === "mismatch") ? 1 : 0;
