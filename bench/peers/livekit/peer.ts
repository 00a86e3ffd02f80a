/** LiveKit: a server that forwards WebRTC, and an application on its Python SDK beside it. */
import path from "node:path";
import { decodedArrivals } from "../collector/read.ts";
import type { Peer } from "../peer.ts";
import { openPhonePage, servePage, startInside } from "../servers.ts";
import { inPagePublish } from "./page.ts";

const PORT = 7_880;
const KEYS = { LIVEKIT_API_KEY: "bench", LIVEKIT_API_SECRET: "a-secret-of-this-measurement-alone" };

export interface LiveKitParts {
  readonly python: string;
  /** The server's program. */
  readonly server: string;
  /** livekit-client as one script. */
  readonly client: string;
}

export function liveKitPeer({ python, server: program, client }: LiveKitParts): Peer {
  return {
    name: "LiveKit",
    isCut: true,
    start: async (lane) => {
      const { address } = lane.packets.inside;
      const url = `ws://${address}:${PORT}`;
      const config = JSON.stringify({
        port: PORT,
        bind_addresses: [address],
        rtc: { udp_port: PORT + 2, tcp_port: PORT + 1, use_external_ip: false, node_ip: address },
        keys: { [KEYS.LIVEKIT_API_KEY]: KEYS.LIVEKIT_API_SECRET },
        logging: { level: "warn" },
      });
      const server = await startInside(lane, {
        name: "LiveKit",
        command: [program, "--config-body", config],
        ready: { url: `http://${address}:${PORT}/` },
      });
      const handler = await startInside(lane, {
        name: "The application on LiveKit",
        command: [python, path.join(import.meta.dirname, "handler.py"), url],
        env: KEYS,
        ready: { prints: "ready\n" },
      });
      const token = /^token (\S+)$/m.exec(handler.output())?.[1] ?? "";
      const origin = await servePage(lane, { "/livekit-client.js": client });
      const { browser, page } = await openPhonePage(lane, origin);
      await page.evaluate(inPagePublish, { url, token });
      return {
        browser,
        page,
        servers: { server: server.pid, application: handler.pid },
        finish: async (given) => {
          await browser.close();
          await handler.stop();
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
