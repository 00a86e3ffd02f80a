/** What the page's server asks of the backend, wherever below its address the backend is. */
import { NextRequest } from "next/server";
import { afterEach, expect, it, vi } from "vitest";
import { proxy } from "../proxy";
import { POST } from "./tokens/route";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

it.each([
  ["https://backend.test", "https://backend.test/tokens"],
  ["https://host.test/api/", "https://host.test/api/tokens"],
  ["wss://host.test/api/ws/video", "https://host.test/api/tokens"],
])("asks a backend at %s for tokens at %s", async (backendUrl, tokensUrl) => {
  vi.stubEnv("BACKEND_URL", backendUrl);
  vi.stubEnv("BACKEND_SECRET", "secret");
  const fetch = vi.fn(async (_url: string | URL) =>
    Response.json({ video: "v", audio: "a", expires_in: 60 }),
  );
  vi.stubGlobal("fetch", fetch);
  const request = new NextRequest("https://page.test/tokens", {
    method: "POST",
    headers: { origin: "https://page.test", host: "page.test" },
    body: JSON.stringify({ session: "11111111-2222-4333-8444-555555555555" }),
  });
  const answer = await POST(request);
  expect(await answer.json()).toEqual({ video: "v", audio: "a", lifetimeMs: 60_000 });
  expect(String(fetch.mock.calls[0]?.[0])).toBe(tokensUrl);
});

it.each([
  ["http://127.0.0.1:8000", "http://127.0.0.1:8000/streams?all=1"],
  ["http://127.0.0.1:8000/api/", "http://127.0.0.1:8000/api/streams?all=1"],
])("carries what the page asks of its own origin to a backend at %s", (backendOrigin, rewritten) => {
  vi.stubEnv("BACKEND_ORIGIN", backendOrigin);
  const answer = proxy(new NextRequest("https://page.test/streams?all=1"));
  expect(answer.headers.get("x-middleware-rewrite")).toBe(rewritten);
});
