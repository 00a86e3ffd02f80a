/** A WebSocket proxy on the way to the backend that refuses messages above a size, as some operators' proxies do. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";

export interface NarrowRelay {
  readonly port: number;
  close(): Promise<void>;
}

/** @param maxMessageBytes larger ones close the connection with 1009, and the backend never sees them. */
export async function startNarrowRelay(backendPort: number, maxMessageBytes: number): Promise<NarrowRelay> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", maxPayload: maxMessageBytes });
  server.on("connection", (down, request) => {
    const { origin = "" } = request.headers;
    const up = new WebSocket(`ws://127.0.0.1:${backendPort}${request.url}`, down.protocol, { origin });
    const opened = once(up, "open");
    down.on("message", async (data, isBinary) => {
      await opened;
      up.send(data, { binary: isBinary });
    });
    up.on("message", (data, isBinary) => down.send(data, { binary: isBinary }));
    down.on("close", () => up.terminate());
    up.on("close", (code, reason) => (code === 1006 ? down.terminate() : down.close(code, reason)));
    // The close event says what there is to say.
    for (const socket of [down, up]) socket.on("error", () => {});
  });
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const client of server.clients) client.terminate();
      server.close();
      await once(server, "close");
    },
  };
}
