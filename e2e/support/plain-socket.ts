/**
 * What Twincast is measured against: a WebSocket as one writes it first. It sends 2 kB each 100 ms, and opens another
 * one when the browser says that it closed.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import type { Ui } from "./ui.ts";

export interface PlainReceiver {
  readonly port: number;
  close(): Promise<void>;
}

/** @param onMessage called when a message arrived. */
export async function startPlainReceiver(
  onMessage: () => void,
  { host = "127.0.0.1", port = 0 } = {},
): Promise<PlainReceiver> {
  const server = createServer((_request, response) => response.end());
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket) => {
    socket.on("message", onMessage);
    // A reset is what these tests are for.
    socket.on("error", () => {});
  });
  server.listen(port, host);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const client of sockets.clients) client.terminate();
      server.close();
      await once(server, "close");
    },
  };
}

/** Begins to send from the page. */
export async function openPlainSocket(ui: Ui, url: string): Promise<void> {
  await ui.evaluate((target) => {
    const payload = new Uint8Array(2_000);
    let socket: WebSocket;
    const open = () => {
      socket = new WebSocket(target);
      socket.onclose = () => setTimeout(open, 1_000);
    };
    open();
    setInterval(() => socket.readyState === WebSocket.OPEN && socket.send(payload), 100);
  }, url);
}
