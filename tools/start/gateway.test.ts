import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { request as secureRequest } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { createCA, createCert } from "mkcert";
import { beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { routeOf, startGateway } from "./gateway.ts";

const HOST = "127.0.0.1";
const authority = Buffer.from("the authority's certificate");

let tls: { key: string; cert: string; ca: string };
beforeAll(async () => {
  const ca = await createCA({
    organization: "test",
    countryCode: "XX",
    state: "-",
    locality: "-",
    validity: 1,
  });
  const { key, cert } = await createCert({ ca, domains: [HOST], validity: 1 });
  tls = { key, cert, ca: ca.cert };
});

/** A server that says its name, what it was asked and with which headers, and that hands its sockets out. */
async function startUpstream(name: string) {
  const http = createServer((request, response) => {
    response.end(JSON.stringify({ name, url: request.url, headers: request.headers }));
  });
  const sockets = new WebSocketServer({ server: http, handleProtocols: () => "twincast.v1" });
  http.listen(0, HOST);
  await once(http, "listening");
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate();
    http.closeAllConnections();
    http.close();
  });
  const { port } = http.address() as AddressInfo;
  return { origin: `http://${HOST}:${port}`, http, sockets };
}

async function startAll() {
  const backend = await startUpstream("backend");
  const page = await startUpstream("page");
  const gateway = await startGateway({
    port: 0,
    host: HOST,
    key: tls.key,
    cert: tls.cert,
    authority,
    backendOrigin: backend.origin,
    pageOrigin: page.origin,
  });
  onTestFinished(() => gateway.close());
  return { backend, page, gateway, port: gateway.port };
}

async function get(port: number, path: string, headers: Record<string, string> = {}) {
  const request = secureRequest({ host: HOST, port, path, headers, ca: tls.ca, agent: false }).end();
  const [response] = (await once(request, "response")) as [IncomingMessage];
  const body = Buffer.concat(await response.toArray());
  return { status: response.statusCode, headers: response.headers, body };
}

async function openSocket(
  { backend, port }: Awaited<ReturnType<typeof startAll>>,
  headers: Record<string, string> = {},
) {
  const accepted = once(backend.sockets, "connection") as Promise<[WebSocket, IncomingMessage]>;
  const client = new WebSocket(`wss://${HOST}:${port}/ws/video?x=1`, "twincast.v1", { ca: tls.ca, headers });
  onTestFinished(() => client.terminate());
  client.on("error", () => {});
  const [[server, request]] = await Promise.all([accepted, once(client, "open")]);
  return { client, server, request };
}

describe("the way of a request", () => {
  it.each([
    ["/ws/video", "backend"],
    ["/ws/audio?x=1", "backend"],
    ["/health", "backend"],
    ["/streams?session=1", "backend"],
    ["/", "page"],
    ["/streams.css", "page"],
    ["/ws", "page"],
    ["/_next/static/a.js", "page"],
    ["/twincast-ca.crt", "authority"],
    ["/watch", "page"],
    ["/watch?a=b", "page"],
    ["/watch/streams", "backend"],
    ["/watch/tokens", "backend"],
    ["/recordings?after=x", "backend"],
    ["/recordings/x/video/a.mkv", "backend"],
    ["/recordingsandmore", "page"],
  ])("%s goes to the %s", (url, route) => {
    expect(routeOf(url)).toBe(route);
  });

  it("leads to the backend or to the page, with the path as it was", async () => {
    const { port } = await startAll();
    const answers = await Promise.all([get(port, "/health"), get(port, "/some/page?a=b")]);
    expect(answers.map(({ body }) => JSON.parse(String(body)))).toMatchObject([
      { name: "backend", url: "/health" },
      { name: "page", url: "/some/page?a=b" },
    ]);
  });

  it("is told to the other side, whatever the client claims", async () => {
    const { port } = await startAll();
    const { body } = await get(port, "/health", { "x-forwarded-for": "6.6.6.6", "x-forwarded-port": "1" });
    const { headers } = JSON.parse(String(body));
    expect(headers).toMatchObject({
      "x-forwarded-for": HOST,
      "x-forwarded-proto": "https",
      "x-forwarded-host": `${HOST}:${port}`,
    });
    expect(headers).not.toHaveProperty("x-forwarded-port");
  });

  it("ends with a sentence, not with silence, while the other side is not there", async () => {
    const all = await startAll();
    all.page.http.close();
    const { status, body } = await get(all.port, "/");
    expect(status).toBe(502);
    expect(String(body)).toContain("Twincast is not ready");
  });
});

describe("the authority's certificate", () => {
  it("is handed out as what phones install, over HTTPS and over HTTP", async () => {
    const { port } = await startAll();
    const secure = await get(port, "/twincast-ca.crt");
    const plain = await fetch(`http://${HOST}:${port}/twincast-ca.crt`);
    expect(secure.headers["content-type"]).toBe("application/x-x509-ca-cert");
    expect(plain.headers.get("content-type")).toBe("application/x-x509-ca-cert");
    expect(secure.body).toEqual(authority);
    expect(Buffer.from(await plain.arrayBuffer())).toEqual(authority);
  });
});

it("sends plain HTTP on its port to HTTPS", async () => {
  const { port } = await startAll();
  const answer = await fetch(`http://${HOST}:${port}/some/page?a=b`, { redirect: "manual" });
  expect(answer.status).toBe(307);
  expect(answer.headers.get("location")).toBe(`https://${HOST}:${port}/some/page?a=b`);
});

describe("a socket", () => {
  it("keeps its path, sub-protocol and origin, and says who asks", async () => {
    const all = await startAll();
    const { client, request } = await openSocket(all, { origin: "https://phone.test" });
    expect(client.protocol).toBe("twincast.v1");
    expect(request.url).toBe("/ws/video?x=1");
    expect(request.headers).toMatchObject({
      origin: "https://phone.test",
      "x-forwarded-proto": "https",
      "x-forwarded-for": HOST,
    });
  });

  it("carries binary messages of every size both ways, byte for byte", async () => {
    const { client, server } = await openSocket(await startAll());
    server.on("message", (data) => server.send(data));
    for (const size of [0, 1, 1_500, 65_536, 3_000_000]) {
      const sent = Buffer.alloc(size, size % 251);
      const echo = once(client, "message");
      client.send(sent);
      const [received] = await echo;
      expect(Buffer.compare(received, sent)).toBe(0);
    }
  });

  // Its two waits may take 10 s each.
  it("lets a slow backend slow the sender down instead of filling memory", { timeout: 25_000 }, async () => {
    const { client, server } = await openSocket(await startAll());
    server.pause();
    const total = 64 * 1024 * 1024;
    const chunk = Buffer.alloc(256 * 1024);
    for (let sent = 0; sent < total; sent += chunk.length) client.send(chunk);
    // What the path does not take stays with the sender: wait until nothing moves any more.
    let last = -1;
    await vi.waitUntil(
      () => {
        const still = client.bufferedAmount === last;
        last = client.bufferedAmount;
        return still;
      },
      { interval: 200, timeout: 10_000 },
    );
    expect(client.bufferedAmount).toBeGreaterThan(total / 2);

    let received = 0;
    server.on("message", (data: Buffer) => {
      received += data.length;
    });
    server.resume();
    await vi.waitUntil(() => received === total, { timeout: 10_000 });
  });

  it("hands on why the backend closed", async () => {
    const { client, server } = await openSocket(await startAll());
    const closed = once(client, "close");
    server.close(4403, "wrong-origin");
    const [code, reason] = await closed;
    expect(code).toBe(4403);
    expect(String(reason)).toBe("wrong-origin");
  });

  it("ends for the backend when the phone is gone without a word", async () => {
    const { client, server } = await openSocket(await startAll());
    const closed = once(server, "close");
    client.terminate();
    expect((await closed)[0]).toBe(1006);
  });

  it("ends for the phone when the backend is gone without a word", async () => {
    const { client, server } = await openSocket(await startAll());
    const closed = once(client, "close");
    server.terminate();
    expect((await closed)[0]).toBe(1006);
  });

  it("shows the refusal of a backend that does not take it", async () => {
    const all = await startAll();
    all.backend.sockets.options.verifyClient = (_info, answer) => answer(false, 403);
    const client = new WebSocket(`wss://${HOST}:${all.port}/ws/audio`, { ca: tls.ca });
    const [error] = await once(client, "error");
    expect(error.message).toContain("403");
  });

  it("closes at once while the backend is not there", async () => {
    const all = await startAll();
    all.backend.http.close();
    const client = new WebSocket(`wss://${HOST}:${all.port}/ws/audio`, { ca: tls.ca });
    const [error] = await once(client, "error");
    expect(error.message).toBe("socket hang up");
  });

  it("goes on while others break in every way", async () => {
    const all = await startAll();
    const { client, server } = await openSocket(all);
    const rude = [
      // A reset in the middle of a TLS handshake.
      async () => {
        const socket = connect(all.port, HOST);
        await once(socket, "connect");
        socket.write(Buffer.from([22, 3, 1]));
        socket.resetAndDestroy();
        await once(socket, "close");
      },
      // Nonsense where TLS or HTTP should be.
      async () => {
        const socket = connect(all.port, HOST);
        await once(socket, "connect");
        socket.end("\0\0\0");
        await once(socket.resume(), "close");
      },
      // A reset right after the request for a socket.
      async () => {
        const socket = connect(all.port, HOST);
        const secure = connectTls({ socket, host: HOST, ca: tls.ca });
        await once(secure, "secureConnect");
        secure.write(
          `GET /ws/video HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`,
        );
        socket.resetAndDestroy();
        await once(socket, "close");
      },
    ];
    for (const act of rude) await act();
    server.on("message", (data) => server.send(data));
    const echo = once(client, "message");
    client.send("still here");
    expect(String((await echo)[0])).toBe("still here");
  });
});
