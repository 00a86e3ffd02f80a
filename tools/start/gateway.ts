import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { createProxyServer } from "httpxy";
import { joinUpgraded, setForwarded } from "./forwarding.ts";

/** Where a phone gets the certificate of the authority that it has to trust. */
export const AUTHORITY_PATH = "/twincast-ca.crt";

/** First byte of a TLS connection: the record type "handshake" (RFC 8446, 5.1). */
const TLS_HANDSHAKE = 22;

/** How long a connection may take to say its first byte. */
const FIRST_BYTE_MS = 30_000;

/** `/watch` itself is a page; what it asks for lies below. */
const OF_THE_BACKEND = /^\/(health|streams|recordings)$|^\/(ws|watch|recordings)\//;

/**
 * @param url of a request, as it stands in its first line
 * @returns who answers it
 */
export function routeOf(url: string): "authority" | "backend" | "page" {
  const [path = "/"] = url.split("?");
  if (path === AUTHORITY_PATH) return "authority";
  return OF_THE_BACKEND.test(path) ? "backend" : "page";
}

export interface GatewayOptions {
  /** 0 for any free one. */
  readonly port: number;
  /** Address to listen on. */
  readonly host: string;
  /** The server's private key, PEM. */
  readonly key: string;
  /** The server's certificate chain, PEM. */
  readonly cert: string;
  /** The authority's certificate, DER. */
  readonly authority: Buffer;
  readonly backendOrigin: string;
  readonly pageOrigin: string;
}

export interface Gateway {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves the page and the backend's sockets under one HTTPS origin: phones open the camera on no other, and a page on
 * HTTPS may open no plain socket. Plain HTTP on the same port is sent to HTTPS.
 *
 * @throws the system's error when it cannot listen
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { port, host, key, cert, authority, backendOrigin, pageOrigin } = options;
  const origins = { backend: backendOrigin, page: pageOrigin };
  const proxy = createProxyServer({});
  proxy.on("error", (_error, _request, response) => sendUnavailable(response));

  const secure = createHttpsServer({ key, cert }, (request, response) => {
    const route = routeOf(request.url ?? "/");
    if (route === "authority") return sendAuthority(response, authority);
    setForwarded(request, {});
    void proxy.web(request, response, { target: origins[route] });
  });
  secure.on("upgrade", (request, socket: Socket, head) => {
    const route = routeOf(request.url ?? "/");
    if (route === "authority") return socket.destroy();
    setForwarded(request, {});
    void joinUpgraded(origins[route], request, socket, head);
  });

  const plain = createHttpServer((request, response) => {
    // The authority's certificate is public, and asking for it over HTTPS means a warning first.
    if (routeOf(request.url ?? "/") === "authority") return sendAuthority(response, authority);
    redirect(request, response);
  });

  const sockets = new Set<Socket>();
  // noDelay: an ack or the first bytes of a chunk must not wait for more to fill a packet (Nagle's algorithm).
  const listener = createTcpServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    // A reset is how phones leave; the servers above learn of it by "close".
    socket.on("error", () => socket.destroy());
    socket.setTimeout(FIRST_BYTE_MS, () => socket.destroy());
    socket.once("readable", () => {
      socket.setTimeout(0);
      socket.removeAllListeners("timeout");
      const first = socket.read();
      if (first === null) return socket.destroy();
      socket.unshift(first);
      (first[0] === TLS_HANDSHAKE ? secure : plain).emit("connection", socket);
    });
  });

  await new Promise<void>((resolve, reject) => {
    listener.once("error", reject);
    listener.listen({ port, host, exclusive: true }, () => resolve());
  });
  return {
    port: (listener.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        listener.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function sendAuthority(response: ServerResponse, authority: Buffer): void {
  // The type that makes iOS offer to install it; a content-disposition would make it a mere download.
  response.writeHead(200, { "content-type": "application/x-x509-ca-cert", "cache-control": "no-store" });
  response.end(authority);
}

function redirect(request: IncomingMessage, response: ServerResponse): void {
  const target = `https://${request.headers.host}`;
  if (!URL.canParse(target)) {
    response.writeHead(400, { "content-type": "text/plain; charset=utf-8" });
    response.end("Open this address with https:// in front.\n");
    return;
  }
  const location = new URL(target).origin + (request.url?.startsWith("/") ? request.url : "/");
  // Not a permanent one: browsers keep those, and this port may serve something else tomorrow.
  response.writeHead(307, { location, "content-type": "text/plain; charset=utf-8" });
  response.end(`Phones open the camera over HTTPS only: ${location}\n`);
}

/** @param response a ServerResponse; httpxy's type also allows for others */
function sendUnavailable(response: unknown): void {
  const open = response as ServerResponse;
  if (open.headersSent) {
    open.destroy();
    return;
  }
  open.writeHead(502, { "content-type": "text/plain; charset=utf-8" });
  open.end("Twincast is not ready: it is starting or stopping. Try again in a moment.\n");
}
