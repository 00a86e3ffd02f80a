import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { PlayedBackend } from "../testing/backend";
import { WatchConnection } from "./watch-connection";

let backend: PlayedBackend;
let connection: WatchConnection;
let told: string[];

function connect(token: string | null = null): void {
  backend = new PlayedBackend();
  told = [];
  connection = new WatchConnection({
    url: "wss://backend.example/ws/watch",
    watchId: "9f86",
    kind: "video",
    token: () => token,
    openSocket: backend.openSocket,
    clock: backend.clock,
    random: () => 0.5,
    events: {
      watching: ({ state }) => told.push(`watching ${state}`),
      message: ({ type }) => told.push(type),
      chunk: (message) => told.push(`chunk ${message.byteLength}`),
      phoneClock: (offsetMs) => told.push(`phone ${offsetMs}`),
      lost: (attempt) => told.push(`lost ${attempt}`),
      refused: (reaction, message) => told.push(`${reaction}: ${message}`),
    },
  });
  connection.open();
}

beforeEach(() => connect());

describe("a viewer's connection", () => {
  it("asks for its stream first, with what opens the backend in the message and not in the address", () => {
    connect("a token");
    backend.socket.events.open();
    expect(backend.socket.url).not.toContain("token");
    expect(backend.socket.sent).toEqual([
      { type: "watch", watchId: "9f86", kind: "video", token: "a token" },
    ]);
  });

  it("pings at once and every two seconds, and knows the backend's clock by it", () => {
    backend.accept();
    expect(connection.offsetMs).toBe(0);
    backend.clock.advanceSync(2_000);
    backend.pong({ clockOffsetMs: -12 });
    backend.clock.advanceSync(2_000);
    expect(backend.socket.sent.filter(({ type }) => type === "ping")).toHaveLength(3);
    expect(told).toContain("phone -12");
  });

  it("hands on what comes, in its order", () => {
    backend.accept();
    backend.segment("video/webm");
    backend.chunk(0, new Uint8Array(10), 1, 2);
    backend.tell({ type: "gone" });
    expect(told).toEqual(["watching live", "segment", "chunk 34", "gone"]);
  });

  it("opens another socket at once when one that worked is lost, and later when it is refused", () => {
    backend.accept();
    backend.segment("video/webm");
    backend.socket.events.closed(1006, "");
    backend.clock.advanceSync(0);
    expect(backend.sockets).toHaveLength(2);
    for (let attempt = 0; attempt < 10; attempt++) {
      backend.socket.events.closed(1013, "");
      backend.clock.advanceSync(0);
    }
    expect(backend.sockets.length).toBeLessThan(4);
    backend.clock.advanceSync(10_000);
    expect(backend.sockets.length).toBeGreaterThanOrEqual(3);
  });

  it("does not hurry to a backend that accepts and closes", () => {
    for (let round = 0; round < 50; round++) {
      if (backend.socket.state === "open") {
        backend.accept();
        backend.socket.events.closed(1012, "");
      }
      backend.clock.advanceSync(100);
    }
    expect(backend.sockets.length).toBeLessThan(15);
  });

  it("gives up a socket that opens and says nothing, and one that never opens", () => {
    backend.clock.advanceSync(4_000);
    expect(backend.sockets[0]?.state).toBe("abandoned");
    backend.socket.events.open();
    backend.clock.advanceSync(6_000);
    expect(backend.sockets[1]?.state).toBe("abandoned");
  });

  it("finds out that its path is dead, though the stream may be silent for ever", () => {
    backend.accept();
    for (let silent = 0; silent < 30; silent++) {
      backend.clock.advanceSync(2_000);
      backend.pong();
    }
    expect(backend.sockets).toHaveLength(1);
    backend.clock.advanceSync(8_000);
    expect(backend.sockets[0]?.state).toBe("abandoned");
    expect(backend.sockets.length).toBeGreaterThan(1);
  });

  it.each([
    [4401, "ask-secret"],
    [4404, "look-at-list"],
    [4403, "give-up"],
    [4405, "give-up"],
  ])("stays closed after %i, and says what is left to do: %s", (code, reaction) => {
    backend.accept();
    backend.tell({ type: "error", code: "x", message: "Because." });
    backend.socket.events.closed(code, "reason");
    backend.clock.advanceSync(60_000);
    expect(backend.sockets).toHaveLength(1);
    expect(told.at(-1)).toBe(`${reaction}: Because.`);
  });

  it("gives up a backend that speaks otherwise", () => {
    backend.accept();
    backend.tell({ type: "surprise" });
    expect(told.at(-1)).toContain("give-up");
    expect(backend.socket.state).toBe("abandoned");
  });

  it("rests and begins anew", () => {
    backend.accept();
    connection.rest();
    expect(backend.socket.state).toBe("closed");
    backend.clock.advanceSync(60_000);
    expect(backend.sockets).toHaveLength(1);
    connection.open();
    connection.open();
    expect(backend.sockets).toHaveLength(2);
  });

  it("tries at once when the network may be back", () => {
    for (let attempt = 0; attempt < 6; attempt++) {
      backend.socket.events.closed(1006, "");
      backend.clock.advanceSync(5_000);
    }
    backend.socket.events.closed(1006, "");
    const before = backend.sockets.length;
    connection.retryNow();
    expect(backend.sockets.length).toBe(before + 1);
    connection.retryNow();
    expect(backend.sockets.length).toBe(before + 1);
  });

  it("has one socket at most, and no timer after its end, whatever happens in whatever order", () => {
    const event = fc.constantFrom(
      "accept",
      "lose",
      "refuse",
      "final",
      "rest",
      "open",
      "retry",
      "wait",
      "chunk",
      "hang",
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        connect();
        for (const one of events) {
          const isOpen = backend.socket.state === "open";
          if (one === "accept" && isOpen) backend.accept();
          if (one === "lose" && isOpen) backend.socket.events.closed(1006, "");
          if (one === "refuse" && isOpen) backend.socket.events.closed(4503, "");
          if (one === "final" && isOpen) backend.socket.events.closed(4403, "");
          if (one === "rest") connection.rest();
          if (one === "open") connection.open();
          if (one === "retry") connection.retryNow();
          if (one === "wait") backend.clock.advanceSync(700);
          if (one === "hang") backend.clock.advanceSync(9_000);
          if (one === "chunk" && isOpen) backend.chunk(0, new Uint8Array(1), 0, 1);
        }
        connection.close();
        connection.open();
        connection.retryNow();
        backend.clock.advanceSync(60_000);
        expect(backend.clock.pending).toBe(0);
      }),
    );
  });
});
