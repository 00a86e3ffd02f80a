/** What the servers that stand before others have in common: the gateway of npm start, and the tests' edge. */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { proxyUpgrade } from "httpxy";

/**
 * Connects an upgraded socket with its other side. Both flow into each other with back-pressure, and they end together.
 *
 * @param origin of the other side
 * @param head what came after the request already
 */
export async function joinUpgraded(
  origin: string,
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
): Promise<void> {
  try {
    const upstream = await proxyUpgrade(origin, request, socket, head, { xfwd: false });
    // A pipe passes on an end but not a break. What is already on its way to the other side still goes out first.
    upstream.once("close", () => socket.destroySoon());
    socket.once("close", () => upstream.destroySoon());
    if (socket.destroyed) upstream.destroy();
  } catch {
    // Refused or unreachable: the browser sees the refusal, or the connection close.
    socket.destroySoon();
  }
}

/** Says who asks, and by which address. What the client claims about that is dropped. */
export function setForwarded(request: IncomingMessage, added: Readonly<Record<string, string>>): void {
  const { headers } = request;
  for (const name of Object.keys(headers)) {
    if (name === "forwarded" || name.startsWith("x-forwarded-")) delete headers[name];
  }
  Object.assign(headers, {
    "x-forwarded-for": request.socket.remoteAddress ?? "",
    "x-forwarded-proto": "https",
    "x-forwarded-host": headers.host ?? "",
    ...added,
  });
}
