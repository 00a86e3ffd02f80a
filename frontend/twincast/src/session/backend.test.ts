import { afterEach, describe, expect, it, vi } from "vitest";
import type { OpenSocket } from "../transport";
import { backendAddress } from "./backend-address";
import { checkBackend } from "./backend-check";

describe("the backend's address", () => {
  it.each([
    ["", "https://page.test/x", "wss://page.test/ws/video", "https://page.test/health"],
    [
      "https://backend.test",
      "https://page.test/",
      "wss://backend.test/ws/video",
      "https://backend.test/health",
    ],
    [
      "http://127.0.0.1:8000",
      "http://localhost:3000/",
      "ws://127.0.0.1:8000/ws/video",
      "http://127.0.0.1:8000/health",
    ],
    [
      "https://host.test/api/",
      "https://page.test/",
      "wss://host.test/api/ws/video",
      "https://host.test/api/health",
    ],
    // As people write it.
    [
      "wss://host.test/api/ws/video",
      "https://page.test/",
      "wss://host.test/api/ws/video",
      "https://host.test/api/health",
    ],
    [' "https://b.test/health" ', "https://page.test/", "wss://b.test/ws/video", "https://b.test/health"],
    ["'ws://b.test:8000/'", "http://page.test/", "ws://b.test:8000/ws/video", "http://b.test:8000/health"],
  ])("of %j on %s gives %s", (url, page, socket, health) => {
    const address = backendAddress(url, page);
    expect(address.socketUrl("video")).toBe(socket);
    expect(address.healthUrl).toBe(health);
  });

  it.each([
    ["http://b.test", "https://page.test/", true],
    ["http://b.test", "http://page.test/", false],
    ["http://127.0.0.1:8000", "https://page.test/", false],
    ["https://b.test", "http://page.test/", false],
    ["", "https://page.test/", false],
  ])("%j is blocked on %s: %s", (url, page, isBlocked) => {
    expect(backendAddress(url, page).isBlocked).toBe(isBlocked);
  });

  it("refuses what no page can reach", () => {
    expect(() => backendAddress("ftp://backend.test", "https://page.test/")).toThrow(TypeError);
  });
});

describe("looking for the backend", () => {
  const backend = backendAddress("https://b.test", "https://page.test/");
  const responds =
    (body: unknown, status = 200) =>
    async () =>
      new Response(JSON.stringify(body), { status });
  /** What a page sees of a refusal by CORS, of a dead host, and of a proxy's own error page. */
  const fails = async () => {
    throw new TypeError("Failed to fetch");
  };
  const closesWith =
    (code: number): OpenSocket =>
    (_url, _subprotocol, events) => {
      queueMicrotask(() => events.closed(code, ""));
      return { send: () => {}, close: () => {}, abandon: () => {} };
    };

  afterEach(() => vi.useRealTimers());

  const opens: OpenSocket = (_url, _subprotocol, events) => {
    queueMicrotask(() => events.open());
    return { send: () => {}, close: () => {}, abandon: () => {} };
  };

  it("finds it", async () => {
    expect(await checkBackend(backend, responds({ status: "ok" }), opens)).toBe("answers");
  });

  it("finds that no WebSocket comes through to it, refused or without its sub-protocol", async () => {
    const health = responds({ status: "ok" });
    expect(await checkBackend(backend, health, closesWith(1006))).toBe("no-live-connection");
    vi.useFakeTimers();
    const mute: OpenSocket = () => ({ send: () => {}, close: () => {}, abandon: () => {} });
    const finding = checkBackend(backend, health, mute);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await finding).toBe("no-live-connection");
  });

  it("believes a backend that answers on the page's own address and refuses its sockets", async () => {
    const refuses: OpenSocket = (_url, _subprotocol, events) => {
      queueMicrotask(() => {
        events.open();
        events.closed(4403, "");
      });
      return { send: () => {}, close: () => {}, abandon: () => {} };
    };
    expect(await checkBackend(backend, responds({ status: "ok" }), refuses)).toBe("refuses-origin");
    expect(await checkBackend(backend, fails, refuses)).toBe("refuses-origin");
  });

  it("never rejects where the browser refuses to connect at all", async () => {
    const insecure = backendAddress("http://b.test", "https://page.test/");
    const throws: OpenSocket = () => {
      throw new DOMException("An insecure WebSocket connection may not be initiated.", "SecurityError");
    };
    expect(await checkBackend(insecure, fails, throws)).toBe("insecure-address");
    expect(await checkBackend(backend, fails, throws)).toBe("silent");
    expect(await checkBackend(backend, responds({ status: "ok" }), throws)).toBe("no-live-connection");
  });

  it("tells another server from it", async () => {
    expect(await checkBackend(backend, responds({ hello: 1 }))).toBe("not-a-backend");
    expect(await checkBackend(backend, responds({ status: "ok" }, 404))).toBe("not-a-backend");
  });

  it("tells a refused origin from a dead host, and from a proxy before a dead host", async () => {
    expect(await checkBackend(backend, fails, closesWith(4403))).toBe("refuses-origin");
    expect(await checkBackend(backend, fails, closesWith(1006))).toBe("silent");
  });

  it("tries no socket where a request hangs: in Firefox it would keep its connection for minutes", async () => {
    const hangs = async () => {
      throw new DOMException("signal timed out", "TimeoutError");
    };
    const open = vi.fn<OpenSocket>(closesWith(1006));
    expect(await checkBackend(backend, hangs, open)).toBe("silent");
    expect(open).not.toHaveBeenCalled();
  });

  it("does not wait for a socket that says nothing", async () => {
    vi.useFakeTimers();
    const abandon = vi.fn();
    const mute: OpenSocket = () => ({ send: () => {}, close: () => {}, abandon });
    const finding = checkBackend(backend, fails, mute);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await finding).toBe("silent");
    expect(abandon).toHaveBeenCalled();
  });
});
