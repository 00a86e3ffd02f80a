import { describe, expect, it } from "vitest";
import { FakeClock } from "../testing/fake-clock";
import { Connection } from "./connection";
import type { SocketEvents } from "./socket";
import { LIMITS } from "./testing/fake-backend";

/** A connection over sockets that do only what a test says, even after they were given up. */
function connection() {
  const time = new FakeClock();
  const sockets: { events: SocketEvents; sent: string[]; abandonedAt: number | null }[] = [];
  let readies = 0;
  const made = new Connection({
    url: "wss://backend.test/ws/video",
    openSocket: (_url, _subprotocol, events) => {
      const socket = { events, sent: [] as string[], abandonedAt: null as number | null };
      sockets.push(socket);
      return {
        send: (data) => socket.sent.push(String(data)),
        close: () => {},
        abandon: () => {
          socket.abandonedAt = time.now();
        },
      };
    },
    clock: time,
    random: () => 0.5,
    firstRetryTimeoutMs: 3_000,
    firstConnection: 7,
    hello: (number) => ({
      type: "hello",
      session: "11111111-2222-4333-8444-555555555555",
      resumeFrom: 0,
      connection: number,
    }),
    answerDueSince: () => null,
    messageMs: () => 0,
    onReady: () => {
      readies++;
    },
    onMessage: () => {},
    onUnauthorised: () => false,
    onRefused: () => {},
    onTick: () => {},
  });
  const ready = JSON.stringify({
    type: "ready",
    nextSeq: 0,
    resumed: false,
    serverTime: time.now(),
    limits: LIMITS,
  });
  return { time, sockets, connection: made, ready, readies: () => readies };
}

describe("a socket that was replaced", () => {
  it("changes nothing for its successor, whatever it still tells", () => {
    const { sockets, connection: made, ready, readies } = connection();
    made.start();
    made.network("offline");
    made.network("online");
    const [former, successor] = sockets;
    former?.events.open();
    expect(successor?.sent).toEqual([]);
    expect(made.state.kind).toBe("opening");
    successor?.events.open();
    former?.events.text(ready);
    expect(readies()).toBe(0);
    former?.events.closed(4500, "late");
    expect(made.state.kind).toBe("greeting");
    successor?.events.text(ready);
    expect(made.state.kind).toBe("open");
  });
});

it("numbers its sockets upwards from what it is given, in the order in which they were opened", () => {
  const { sockets, connection: made } = connection();
  made.start();
  for (const socket of [0, 1, 2]) {
    // The second one never opens.
    if (socket !== 1) sockets[socket]?.events.open();
    made.network("offline");
    made.network("online");
  }
  const numbers = sockets.flatMap(({ sent }) => sent.map((text) => JSON.parse(text).connection));
  expect(numbers).toEqual([7, 9]);
});

it("measures the clock anew with every socket: it may be another backend's", () => {
  const { sockets, connection: made, ready, time } = connection();
  made.start();
  for (const [index, aheadMs] of [5_000, -70].entries()) {
    const socket = sockets[index];
    socket?.events.open();
    socket?.events.text(ready);
    expect(made.offsetMs).toBeNull();
    const ping = socket?.sent.map((text) => JSON.parse(text)).findLast(({ type }) => type === "ping");
    socket?.events.text(JSON.stringify({ type: "pong", t: ping.t, serverTime: time.now() + aheadMs }));
    expect(made.offsetMs).toBe(aheadMs);
    made.network("offline");
    made.network("online");
  }
});

it("waits longer each time for a path that greets and then answers nothing", () => {
  const { time, sockets, connection: made, ready } = connection();
  made.start();
  const waits: number[] = [];
  for (let nth = 0; nth < 3; nth++) {
    const socket = sockets[nth];
    if (!socket) throw new Error("No further socket was opened.");
    socket.events.open();
    socket.events.text(ready);
    const openedAt = time.now();
    while (socket.abandonedAt === null) time.advanceSync(50);
    waits.push(socket.abandonedAt - openedAt);
    while (sockets.length <= nth + 1) time.advanceSync(50);
  }
  const [first = 0, second = 0, third = 0] = waits;
  expect(second).toBeGreaterThan(first);
  expect(third).toBeGreaterThan(second);
});

it("opens no socket any more once it is closed", () => {
  const { time, sockets, connection: made } = connection();
  made.start();
  sockets[0]?.events.closed(1006, "");
  made.close();
  expect(time.pending).toBe(0);
  time.advanceSync(60_000);
  expect(sockets).toHaveLength(1);
});
