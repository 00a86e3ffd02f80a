/**
 * Railway's edge, on this computer: TLS ends here, and the host name says which service a request is for. The app behind it
 * speaks plain HTTP/1.1, and learns from headers who asked and how.
 * https://docs.railway.com/networking/public-networking/specs-and-limits
 */
import { createHash, randomUUID, X509Certificate } from "node:crypto";
import { createServer } from "node:https";
import { createProxyServer, proxyUpgrade } from "httpxy";
import { createCA, createCert } from "mkcert";

/** @typedef {import("node:http").IncomingMessage} IncomingMessage */
/** @typedef {import("node:net").Socket} Socket */

/** Under .test, which names nothing on the internet (RFC 6761). */
export const DOMAIN = "rehearsal.test";

/** One of the edge's own addresses, as it would stand last in X-Forwarded-For. */
const EDGE_ADDRESS = "100.64.0.7";

/**
 * @typedef {object} Edge
 * @property {number} port
 * @property {string} ca certificate of the authority, PEM
 * @property {string} publicKeyHash SHA-256 of the server's public key in base64, by which Chromium can be told to trust it
 * @property {(domain: string, origin: string | undefined) => void} route sends a domain's new requests to an instance;
 *   sockets that are open stay where they are
 * @property {() => readonly string[]} sockets the addresses of the WebSockets that were asked for, oldest first
 * @property {() => Promise<void>} close
 */

/** @returns {Promise<Edge>} on a free port of this computer */
export async function startEdge() {
  const authority = await createCA({
    organization: "Twincast's rehearsal",
    countryCode: "XX",
    state: "-",
    locality: "-",
    validity: 1,
  });
  const { key, cert } = await createCert({ ca: authority, domains: [`*.${DOMAIN}`], validity: 1 });
  /** @type {Map<string, string>} */
  const routes = new Map();
  /** @type {string[]} */
  const upgrades = [];
  const proxy = createProxyServer({});
  proxy.on("error", (_error, _request, response) => {
    if (response && "writeHead" in response && !response.headersSent) {
      response.writeHead(502, { "content-type": "text/plain" });
      response.end("Application failed to respond\n");
    } else response?.destroy();
  });

  const server = createServer({ key, cert, ALPNProtocols: ["http/1.1"] }, (request, response) => {
    const target = routes.get(hostOf(request));
    if (!target) {
      response.writeHead(404, { "content-type": "text/plain" });
      response.end("Application not found\n");
      return;
    }
    forward(request);
    void proxy.web(request, response, { target });
  });
  server.on("upgrade", (request, /** @type {Socket} */ socket, head) => {
    const target = routes.get(hostOf(request));
    upgrades.push(`wss://${request.headers.host}${request.url}`);
    if (!target) {
      socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
      return;
    }
    forward(request);
    void join(target, request, socket, head);
  });
  /** @type {Set<Socket>} */
  const sockets = new Set();
  server.on("connection", (/** @type {Socket} */ socket) => {
    sockets.add(socket.setNoDelay());
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(undefined));
  });
  const address = server.address();
  if (typeof address !== "object" || !address) throw new Error("The edge has no port.");
  const publicKey = new X509Certificate(cert).publicKey.export({ type: "spki", format: "der" });
  return {
    port: address.port,
    ca: authority.cert,
    publicKeyHash: createHash("sha256").update(publicKey).digest("base64"),
    route: (domain, origin) => {
      if (origin === undefined) routes.delete(domain);
      else routes.set(domain, origin);
    },
    sockets: () => upgrades,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** @param {IncomingMessage} request */
const hostOf = ({ headers }) => (headers.host ?? "").split(":")[0] ?? "";

/**
 * The headers that Railway's edge writes. What a client claims about itself is dropped. X-Forwarded-For is not in
 * Railway's documentation; it is written as others have measured it.
 *
 * @param {IncomingMessage} request
 */
function forward({ headers, socket }) {
  for (const name of Object.keys(headers)) {
    if (name === "forwarded" || name.startsWith("x-forwarded-")) delete headers[name];
  }
  const client = socket.remoteAddress ?? "";
  Object.assign(headers, {
    "x-real-ip": client,
    "x-forwarded-for": `${client}, ${EDGE_ADDRESS}`,
    "x-forwarded-proto": "https",
    "x-forwarded-host": headers.host ?? "",
    "x-railway-edge": "rehearsal",
    "x-railway-request-id": randomUUID(),
    "x-request-start": String(Date.now()),
  });
}

/**
 * @param {string} target
 * @param {IncomingMessage} request
 * @param {Socket} socket
 * @param {Buffer} head
 */
async function join(target, request, socket, head) {
  try {
    const upstream = await proxyUpgrade(target, request, socket, head, { xfwd: false });
    // A pipe passes on an end but not a break. What is already on its way to the other side still goes out first.
    upstream.once("close", () => socket.destroySoon());
    socket.once("close", () => upstream.destroySoon());
    if (socket.destroyed) upstream.destroy();
  } catch {
    // Refused or unreachable: the browser sees the refusal, or the connection close.
    socket.destroySoon();
  }
}
