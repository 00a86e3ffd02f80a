/** The page that everybody writes first: MediaRecorder, one WebSocket, a FastAPI handler. */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { GivenTone } from "../../../e2e/support/clock/clock-sources.ts";
import { python } from "../../../tools/paths.ts";
import { type ArrivedFile, frameArrivals, toneArrivals } from "../../latency/arrivals.ts";
import { findBlocks } from "../../latency/matroska-blocks.ts";
import { recordsOf } from "../collector/read.ts";
import type { MessageHeader } from "../collector/records.ts";
import type { Arrivals, Lane, Peer } from "../peer.ts";
import { openPhonePage, servePage, startInside } from "../servers.ts";
import { inPageRecord } from "./page.ts";

const PORT = 8_200;
const MIME_TYPE = "video/webm;codecs=vp8,opus";
/** Examples say 1000 or 250; this is what lets it be quick. */
const EVERY_MS = 100;

export const mediaRecorderPeer: Peer = {
  name: "MediaRecorder and one WebSocket",
  isCut: true,
  start: async (lane) => {
    const { address } = lane.packets.inside;
    const server = await startInside(lane, {
      name: "The handler of MediaRecorder's chunks",
      command: [python.executable, path.join(import.meta.dirname, "server.py"), address, String(PORT)],
      ready: { url: `http://${address}:${PORT}/health` },
    });
    const { browser, page } = await openPhonePage(lane, await servePage(lane));
    const url = `ws://${address}:${PORT}/ws`;
    await page.evaluate(inPageRecord, { url, mimeType: MIME_TYPE, everyMs: EVERY_MS });
    return {
      browser,
      page,
      servers: { application: server.pid },
      finish: async (given) => {
        await browser.close();
        await server.stop();
        return {
          bytes: await readArrivals(lane, given.tones),
          decoded: null,
          format: MIME_TYPE,
          account: null,
        };
      },
    };
  },
};

async function readArrivals({ folder, sources }: Lane, tones: readonly GivenTone[]): Promise<Arrivals> {
  const files: ArrivedFile[] = [];
  for (const messages of await recordsOf<MessageHeader>(folder, "messages-")) {
    const bytes = Buffer.concat(messages.map(({ data }) => data));
    // A connection that broke ends within a packet, of which a decoder would make what it can.
    const whole = bytes.subarray(0, findBlocks(bytes).at(-1)?.end ?? 0);
    if (whole.length === 0) continue;
    const file = path.join(folder, `connection-${files.length}.webm`);
    await writeFile(file, whole);
    let end = 0;
    const pieces = messages.map(({ header, data }) => {
      end += data.length;
      return { end, receivedAt: header.at };
    });
    files.push({ file, pieces });
  }
  return {
    video: await frameArrivals(files, sources.width),
    audio: await toneArrivals(files, tones),
    damagedAt: [],
  };
}
