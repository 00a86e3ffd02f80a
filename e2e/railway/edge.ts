/**
 * Railway's edge, on this computer: TLS ends here, and the host name says which service a request is for. The app behind it
 * speaks plain HTTP/1.1, and learns from headers who asked and how.
 * https://docs.railway.com/networking/public-networking/specs-and-limits
 */
import { createHash, randomUUID, X509Certificate } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { createProxyServer } from "httpxy";
import { createCA, createCert } from "mkcert";
import { joinUpgraded, setForwarded } from "../../tools/start/forwarding.ts";

/** Under .test, which names nothing on the internet (RFC 6761). */
export const DOMAIN = "rehearsal.test";

/** One of the edge's own addresses, as it would stand last in X-Forwarded-For. */
const EDGE_ADDRESS = "100.64.0.7";

export interface Edge {
  readonly port: number;
  /** Certificate of the authority, PEM. */
  readonly ca: string;
  /** SHA-256 of the server's public key in base64, by which Chromium can be told to trust it. */
  readonly publicKeyHash: string;
  /**
   * Sends a domain's new requests to one of these instances, each time to another by chance, or nowhere where there is
   * none; sockets that are open stay where they are.
   */
  route(domain: string, ...origins: readonly string[]): void;
  /** The addresses of the WebSockets that were asked for, oldest first. */
  sockets(): readonly string[];
  close(): Promise<void>;
}

/** Starts on a free port of this computer. */
export async function startEdge(): Promise<Edge> {
  const authority = await createCA({
    organization: "Twincast's rehearsal",
    countryCode: "XX",
    state: "-",
    locality: "-",
    validity: 1,
  });
  const { key, cert } = await createCert({ ca: authority, domains: [`*.${DOMAIN}`], validity: 1 });
  const routes = new Map<string, readonly string[]>();
  const targetOf = (request: IncomingMessage) => {
    const origins = routes.get(hostOf(request)) ?? [];
    return origins[Math.floor(Math.random() * origins.length)];
  };
  const upgrades: string[] = [];
  const proxy = createProxyServer({});
  proxy.on("error", (_error, _request, response) => {
    if (response && "writeHead" in response && !response.headersSent) {
      response.writeHead(502, { "content-type": "text/plain" });
      response.end("Application failed to respond\n");
    } else response?.destroy();
  });

  const server = createServer({ key, cert, ALPNProtocols: ["http/1.1"] }, (request, response) => {
    const target = targetOf(request);
    if (!target) {
      response.writeHead(404, { "content-type": "text/plain" });
      response.end("Application not found\n");
      return;
    }
    forward(request);
    void proxy.web(request, response, { target });
  });
  server.on("upgrade", (request, socket: Socket, head) => {
    const target = targetOf(request);
    upgrades.push(`wss://${request.headers.host}${request.url}`);
    if (!target) {
      socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
      return;
    }
    forward(request);
    void joinUpgraded(target, request, socket, head);
  });
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket.setNoDelay());
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve());
  });
  const { port } = server.address() as AddressInfo;
  const publicKey = new X509Certificate(cert).publicKey.export({ type: "spki", format: "der" });
  return {
    port,
    ca: authority.cert,
    publicKeyHash: createHash("sha256").update(publicKey).digest("base64"),
    route: (domain, ...origins) => {
      routes.set(domain, origins);
    },
    sockets: () => upgrades,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

const hostOf = ({ headers }: IncomingMessage) => (headers.host ?? "").split(":")[0] ?? "";

/**
 * The headers that Railway's edge writes. X-Forwarded-For is not in Railway's documentation; it is written as others have
 * measured it.
 */
function forward(request: IncomingMessage): void {
  const client = request.socket.remoteAddress ?? "";
  setForwarded(request, {
    "x-real-ip": client,
    "x-forwarded-for": `${client}, ${EDGE_ADDRESS}`,
    "x-railway-edge": "rehearsal",
    "x-railway-request-id": randomUUID(),
    "x-request-start": String(Date.now()),
  });
}
