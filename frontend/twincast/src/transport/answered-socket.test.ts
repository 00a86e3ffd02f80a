import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FakeClock } from "../testing/fake-clock";
import { type Ask, openWhereAnswered } from "./answered-socket";
import { Connection } from "./connection";
import type { OpenSocket, SocketEvents } from "./socket";
import { FakeFirefox } from "./testing/fake-firefox";

const URL = "wss://backend.test/ws/video";

/** Sockets and asks that do only what a test says. */
function page() {
  const time = new FakeClock();
  const sockets: SocketEvents[] = [];
  const asks: { readonly url: string; readonly signal: AbortSignal; settle(): void }[] = [];
  const ask: Ask = (url, signal) =>
    new Promise((resolve) => asks.push({ url, signal, settle: () => resolve(null) }));
  const open = openWhereAnswered<string | Uint8Array<ArrayBuffer>, SocketEvents>(
    (_url, _subprotocol, events) => {
      sockets.push(events);
      return { send: () => {}, close: () => {}, abandon: () => {} };
    },
    { clock: time, ask },
  );
  const closed: number[] = [];
  const connect = () =>
    open(URL, "twincast", { open: () => {}, text: () => {}, closed: (code) => closed.push(code) });
  return { time, sockets, asks, closed, connect };
}

describe("a socket to a path that was well", () => {
  it("is opened at once", () => {
    const { sockets, asks, connect } = page();
    connect();
    expect(sockets).toHaveLength(1);
    sockets[0]?.open();
    sockets[0]?.closed(1012, "restart");
    connect();
    expect(sockets).toHaveLength(2);
    expect(asks).toEqual([]);
  });
});

describe("a socket to a path that fell silent", () => {
  it.each([
    ["was given up before it opened", (abandon: () => void) => abandon()],
    [
      "was given up after it had opened",
      (abandon: () => void, socket: SocketEvents | undefined) => {
        socket?.open();
        abandon();
      },
    ],
    ["broke", (_abandon: () => void, socket: SocketEvents | undefined) => socket?.closed(1006, "")],
  ])("is opened when the path answers, after one that %s", async (_how, lose) => {
    const { time, sockets, asks, connect } = page();
    const { abandon } = connect();
    lose(abandon, sockets[0]);
    connect();
    await time.advance(1_000);
    expect(sockets).toHaveLength(1);
    expect(asks.map(({ url }) => url)).toEqual(["https://backend.test/ws/video"]);
    asks[0]?.settle();
    await time.advance(0);
    expect(sockets).toHaveLength(2);
    sockets[1]?.open();
    sockets[1]?.closed(1012, "");
    connect();
    expect(sockets).toHaveLength(3);
  });

  it("takes its question back when it is given up, and never opens", async () => {
    const { time, sockets, asks, connect } = page();
    connect().abandon();
    connect().abandon();
    expect(asks[0]?.signal.aborted).toBe(true);
    asks[0]?.settle();
    await time.advance(0);
    expect(sockets).toHaveLength(1);
  });

  it("is tried without an answer after 30 s, and then every five minutes", async () => {
    const { time, sockets, connect } = page();
    const began = time.now();
    const dared: number[] = [];
    for (const socket = connect(); time.now() - began < 700_000; ) {
      socket.abandon();
      await time.advance(5_000);
      const before = sockets.length;
      connect().abandon();
      if (sockets.length > before) dared.push((time.now() - began) / 1_000);
    }
    expect(dared).toEqual([30, 330, 630]);
  });
});

/** Two streams of one page, which connect to one host by the rules of Firefox. */
function streamsIn(asksFirst: boolean) {
  const time = new FakeClock();
  const firefox = new FakeFirefox(time);
  const connections = ["video", "audio"].map((kind) => {
    const openSocket: OpenSocket = asksFirst
      ? openWhereAnswered(firefox.openSocket, { clock: time, ask: firefox.ask })
      : firefox.openSocket;
    const connection: Connection = new Connection({
      url: `wss://backend.test/ws/${kind}`,
      openSocket,
      clock: time,
      random: () => 0.5,
      firstRetryTimeoutMs: kind === "video" ? 1_500 : 3_000,
      firstConnection: 1,
      hello: (number) => ({
        type: "hello",
        session: "11111111-2222-4333-8444-555555555555",
        resumeFrom: 0,
        connection: number,
      }),
      answerDueSince: () => null,
      messageMs: () => 0,
      onReady: () => connection.progressed(),
      onMessage: () => {},
      onUnauthorised: () => false,
      onRefused: () => {},
      onTick: () => {},
    });
    return connection;
  });
  for (const connection of connections) connection.start();
  const areOpen = () => connections.every(({ state }) => state.kind === "open");
  /** @returns ms until both streams are connected, at most `limitMs` */
  const reopened = async (limitMs: number): Promise<number> => {
    const from = time.now();
    while (!areOpen() && time.now() - from < limitMs) await time.advance(100);
    return time.now() - from;
  };
  return { time, firefox, areOpen, reopened };
}

describe("two streams behind a black hole, in Firefox", () => {
  it("lock themselves out of it without asking first", async () => {
    const { time, firefox, reopened } = streamsIn(false);
    await time.advance(5_000);
    firefox.inHole = true;
    await time.advance(20_000);
    firefox.inHole = false;
    expect(await reopened(100_000)).toBe(100_000);
  });

  it("are back within seconds of its end, however long it was and however often it comes", async () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(lengths, fc.integer({ min: 0, max: 1_999 }), async (seconds, offsetMs) => {
        const { time, firefox, reopened } = streamsIn(true);
        await time.advance(5_000 + offsetMs);
        for (const length of seconds) {
          firefox.inHole = true;
          await time.advance(length * 1_000);
          firefox.inHole = false;
          // A hole that is shorter than the silence which ends a connection is noticed after it.
          expect(await reopened(30_000)).toBeLessThan(12_000);
          await time.advance(3_000);
          expect(await reopened(30_000)).toBeLessThan(12_000);
        }
      }),
      { numRuns: 20 },
    );
  }, 30_000);
});
