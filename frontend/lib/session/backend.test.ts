import { describe, expect, it } from "vitest";
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
  ])("of %j on %s gives %s", (url, page, socket, health) => {
    const address = backendAddress(url, page);
    expect(address.socketUrl("video")).toBe(socket);
    expect(address.healthUrl).toBe(health);
  });

  it("refuses what no page can reach", () => {
    expect(() => backendAddress("ftp://backend.test", "https://page.test/")).toThrow(TypeError);
  });
});

describe("looking for the backend", () => {
  const responds =
    (body: unknown, status = 200) =>
    async () =>
      new Response(JSON.stringify(body), { status });
  const fails = async () => {
    throw new TypeError("Failed to fetch");
  };

  it("finds it", async () => {
    expect(await checkBackend("https://b.test/health", responds({ status: "ok" }))).toBe("answers");
  });

  it("tells another server from it", async () => {
    expect(await checkBackend("https://b.test/health", responds({ hello: 1 }))).toBe("not-a-backend");
    expect(await checkBackend("https://b.test/health", responds({ status: "ok" }, 404))).toBe(
      "not-a-backend",
    );
  });

  it("tells a refused origin from a dead host", async () => {
    const opaque: typeof fetch = async (_url, init) => {
      if (init?.mode === "no-cors") return new Response();
      throw new TypeError("CORS");
    };
    expect(await checkBackend("https://b.test/health", opaque)).toBe("refuses-origin");
    expect(await checkBackend("https://b.test/health", fails)).toBe("silent");
  });
});
