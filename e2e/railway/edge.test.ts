import { once } from "node:events";
import { createServer } from "node:http";
import { Agent, request } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { DOMAIN, type Edge, startEdge } from "./edge.ts";

const HOST = `app.${DOMAIN}`;

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge.close());

/** An app that says what it was asked with, and greets on its sockets. */
async function startApp(greeting = "hello") {
  const http = createServer((asked, response) => response.end(JSON.stringify(asked.headers)));
  const sockets = new WebSocketServer({ server: http });
  sockets.on("connection", (socket) => {
    socket.on("message", (data) => socket.send(data));
    socket.send(greeting);
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate();
    http.closeAllConnections();
    http.close();
  });
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

async function get(headers: Record<string, string> = {}) {
  const asked = request({
    host: "127.0.0.1",
    port: edge.port,
    servername: HOST,
    ca: edge.ca,
    headers: { host: HOST, ...headers },
    agent: false,
  }).end();
  const [response] = await once(asked, "response");
  return { status: response.statusCode, body: String(Buffer.concat(await response.toArray())) };
}

const openSocket = () =>
  new WebSocket(`wss://127.0.0.1:${edge.port}/ws`, {
    agent: new Agent({ servername: HOST, ca: edge.ca }),
    headers: { host: HOST },
  });

it("hands a request on with the headers of Railway's edge, and drops what the client claims", async () => {
  edge.route(HOST, await startApp());
  const { status, body } = await get({
    "x-forwarded-proto": "http",
    "x-forwarded-for": "9.9.9.9",
    "x-real-ip": "9.9.9.9",
  });
  expect(status).toBe(200);
  expect(JSON.parse(body)).toMatchObject({
    host: HOST,
    "x-forwarded-proto": "https",
    "x-forwarded-host": HOST,
    "x-real-ip": "127.0.0.1",
    "x-forwarded-for": expect.stringMatching(/^127\.0\.0\.1, /),
  });
});

it("answers 404 for a domain that nobody has, and 502 for an app that does not listen", async () => {
  edge.route(HOST);
  expect(await get()).toMatchObject({ status: 404, body: "Application not found\n" });
  edge.route(HOST, "http://127.0.0.1:1");
  expect(await get()).toMatchObject({ status: 502, body: "Application failed to respond\n" });
});

it("leaves open sockets at the old instance and sends new ones to the new instance", async () => {
  edge.route(HOST, await startApp("old"));
  const first = openSocket();
  expect(String((await once(first, "message"))[0])).toBe("old");
  edge.route(HOST, await startApp("new"));
  const second = openSocket();
  expect(String((await once(second, "message"))[0])).toBe("new");
  first.send("still here");
  expect(String((await once(first, "message"))[0])).toBe("still here");
  expect(edge.sockets().slice(-2)).toEqual([`wss://${HOST}/ws`, `wss://${HOST}/ws`]);
  first.terminate();
  second.terminate();
});
