/** aiortc, which FastRTC and streamlit-webrtc stand on: WebRTC into a Python process, without a server between. */
import path from "node:path";
import { decodedArrivals } from "../collector/read.ts";
import type { Peer } from "../peer.ts";
import { openPhonePage, servePage, startInside } from "../servers.ts";
import { inPageConnect } from "./page.ts";

const PORT = 8_100;
/** How long Chromium may call a connection disconnected: after a short silence it goes on by itself. */
const PATIENCE_MS = 3_000;

/** @param python the interpreter of the peers' environment. */
export function aiortcPeer(python: string): Peer {
  return {
    name: "aiortc",
    isCut: true,
    start: async (lane) => {
      const { address } = lane.packets.inside;
      const url = `http://${address}:${PORT}`;
      const server = await startInside(lane, {
        name: "The aiortc application",
        command: [python, path.join(import.meta.dirname, "server.py"), address, String(PORT)],
        ready: { url: `${url}/health` },
      });
      const { browser, page } = await openPhonePage(lane, await servePage(lane));
      await page.evaluate(inPageConnect, { offerUrl: `${url}/offer`, patienceMs: PATIENCE_MS });
      return {
        browser,
        page,
        servers: { application: server.pid },
        finish: async (given) => {
          await browser.close();
          await server.stop();
          return {
            bytes: null,
            decoded: await decodedArrivals(lane.folder, given.tones),
            format: "VP8 and Opus over RTP",
            account: null,
          };
        },
      };
    },
  };
}
