import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { createServer as createTcpServer } from "node:net";
import { createProxyServer, proxyUpgrade } from "httpxy";

/** @typedef {import("node:http").IncomingMessage} IncomingMessage */
/** @typedef {import("node:http").ServerResponse} ServerResponse */
/** @typedef {import("node:net").Socket} Socket */

/** Where a phone gets the certificate of the authority that it has to trust. */
export const AUTHORITY_PATH = "/twincast-ca.crt";

/** First byte of a TLS connection: the record type "handshake" (RFC 8446, 5.1). */
const TLS_HANDSHAKE = 22;

/** How long a connection may take to say its first byte. */
const FIRST_BYTE_MS = 30_000;

/**
 * @param {string} url of a request, as it stands in its first line
 * @returns {"authority" | "backend" | "page"} who answers it
 */
export function routeOf(url) {
  const [path = "/"] = url.split("?");
  if (path === AUTHORITY_PATH) return "authority";
  return path === "/health" || path === "/streams" || path.startsWith("/ws/") ? "backend" : "page";
}

/**
 * @typedef {object} GatewayOptions
 * @property {number} port 0 for any free one
 * @property {string} host address to listen on
 * @property {string} key the server's private key, PEM
 * @property {string} cert the server's certificate chain, PEM
 * @property {Buffer} authority the authority's certificate, DER
 * @property {string} backendOrigin
 * @property {string} pageOrigin
 */

/**
 * Serves the page and the backend's sockets under one HTTPS origin: phones open the camera on no other, and a page on
 * HTTPS may open no plain socket. Plain HTTP on the same port is sent to HTTPS.
 *
 * @param {GatewayOptions} options
 * @returns {Promise<{ port: number, close: () => Promise<void> }>}
 * @throws the system's error when it cannot listen
 */
export async function startGateway({ port, host, key, cert, authority, backendOrigin, pageOrigin }) {
  const origins = { backend: backendOrigin, page: pageOrigin };
  const proxy = createProxyServer({});
  proxy.on("error", (_error, _request, response) => sendUnavailable(response));

  const secure = createHttpsServer({ key, cert }, (request, response) => {
    const route = routeOf(request.url ?? "/");
    if (route === "authority") return sendAuthority(response, authority);
    forwardHeaders(request);
    void proxy.web(request, response, { target: origins[route] });
  });
  secure.on("upgrade", (request, /** @type {Socket} */ socket, head) => {
    const route = routeOf(request.url ?? "/");
    if (route === "authority") return socket.destroy();
    forwardHeaders(request);
    void joinUpgraded(origins[route], request, socket, head);
  });

  const plain = createHttpServer((request, response) => {
    // The authority's certificate is public, and asking for it over HTTPS means a warning first.
    if (routeOf(request.url ?? "/") === "authority") return sendAuthority(response, authority);
    redirect(request, response);
  });

  /** @type {Set<Socket>} */
  const sockets = new Set();
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

  await new Promise((resolve, reject) => {
    listener.once("error", reject);
    listener.listen({ port, host, exclusive: true }, () => resolve(undefined));
  });
  const address = listener.address();
  return {
    port: typeof address === "object" && address ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        listener.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/**
 * Connects an upgraded socket with its other side. Both flow into each other with back-pressure, and they end together.
 *
 * @param {string} origin of the other side
 * @param {IncomingMessage} request
 * @param {Socket} socket
 * @param {Buffer} head what came after the request already
 */
async function joinUpgraded(origin, request, socket, head) {
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

/**
 * Says who asks, and by which address. What the client claims about that is dropped.
 *
 * @param {IncomingMessage} request
 */
function forwardHeaders(request) {
  const { headers } = request;
  for (const name of Object.keys(headers)) {
    if (name === "forwarded" || name.startsWith("x-forwarded-")) delete headers[name];
  }
  headers["x-forwarded-for"] = request.socket.remoteAddress ?? "";
  headers["x-forwarded-proto"] = "https";
  headers["x-forwarded-host"] = headers.host ?? "";
}

/**
 * @param {ServerResponse} response
 * @param {Buffer} authority
 */
function sendAuthority(response, authority) {
  // The type that makes iOS offer to install it; a content-disposition would make it a mere download.
  response.writeHead(200, { "content-type": "application/x-x509-ca-cert", "cache-control": "no-store" });
  response.end(authority);
}

/**
 * @param {IncomingMessage} request
 * @param {ServerResponse} response
 */
function redirect(request, response) {
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

/** @param {unknown} response a ServerResponse; httpxy's type also allows for others */
function sendUnavailable(response) {
  const open = /** @type {ServerResponse} */ (response);
  if (open.headersSent) {
    open.destroy();
    return;
  }
  open.writeHead(502, { "content-type": "text/plain; charset=utf-8" });
  open.end("Twincast is not ready: it is starting or stopping. Try again in a moment.\n");
}
