import { NextRequest } from "next/server";
import { afterEach, describe, expect, it, vi } from "vitest";
import { config, proxy } from "../proxy";
import { framingHeaders, readFrameAncestors } from "./frame-ancestors";

afterEach(() => vi.unstubAllEnvs());

describe("who may frame the page", () => {
  it.each([
    [undefined, []],
    ["", []],
    ["  ", []],
    ["https://www.example.com", ["https://www.example.com"]],
    ["https://www.example.com/", ["https://www.example.com"]],
    ["https://A.example https://b.example", ["https://a.example", "https://b.example"]],
    ["https://a.example, https://b.example", ["https://a.example", "https://b.example"]],
    ["https://*.example.com", ["https://*.example.com"]],
    ["http://localhost:8080 http://127.0.0.1:*", ["http://localhost:8080", "http://127.0.0.1:*"]],
    ["http://[::1]:3000", ["http://[::1]:3000"]],
    ["https://xn--bcher-kva.example", ["https://xn--bcher-kva.example"]],
    ["self https://a.example", ["'self'", "https://a.example"]],
    ["'self'", ["'self'"]],
    ['"https://a.example"', ["https://a.example"]],
    ["*", ["*"]],
  ])("reads %j", (text, expected) => {
    expect(readFrameAncestors(text)).toEqual(expected);
  });

  it.each([
    ["example.com", '"example.com" does not begin with https://'],
    ["https:/example.com", "does not begin with https://"],
    ["https://example.com/embed", "has a path, which browsers do not look at"],
    ["https://", '"https://" is no origin'],
    ["https://*", "is no origin"],
    ["https://a.*.example", "is no origin"],
    ["https://a.example:port", "is no origin"],
    ["https://a.example:99999", "is no origin"],
    ["https://bücher.example", "is no origin"],
    ["https://user@a.example", "is no origin"],
    ["https://a.example; script-src *", '"https://a.example;" is no origin'],
    [`https://$${"{{site.RAILWAY_PUBLIC_DOMAIN}}"}`, "nothing has filled in the reference"],
    ["none", "no page may frame this one where it is empty"],
    ["* https://a.example", "* lets in every page already"],
    ["data:", "does not begin with https://"],
  ])("refuses %j, and says why", (text, why) => {
    expect(() => readFrameAncestors(text)).toThrow(why);
    expect(() => readFrameAncestors(text)).toThrow(/^FRAME_ANCESTORS is "/);
  });

  it("is nobody by a header that old browsers know as well, and else by one that can name pages", () => {
    expect(framingHeaders([])).toEqual({
      "Content-Security-Policy": "frame-ancestors 'none'",
      "X-Frame-Options": "DENY",
    });
    expect(framingHeaders(["'self'", "https://a.example"])).toEqual({
      "Content-Security-Policy": "frame-ancestors 'self' https://a.example",
    });
  });

  it("is said with every answer of the running server, also with those that are the backend's", () => {
    vi.stubEnv("BACKEND_ORIGIN", "http://127.0.0.1:8000");
    for (const path of ["/", "/watch", "/no-such-page", "/recordings/1/video/a.webm", "/streams"]) {
      vi.stubEnv("FRAME_ANCESTORS", "https://a.example");
      const allowed = proxy(new NextRequest(`https://page.test${path}`)).headers;
      expect(allowed.get("content-security-policy")).toBe("frame-ancestors https://a.example");
      expect(allowed.get("x-frame-options")).toBeNull();
      vi.stubEnv("FRAME_ANCESTORS", "");
      const nobody = proxy(new NextRequest(`https://page.test${path}`)).headers;
      expect(nobody.get("content-security-policy")).toBe("frame-ancestors 'none'");
      expect(nobody.get("x-frame-options")).toBe("DENY");
    }
  });

  it("leaves out nothing but what Next.js itself has beneath /_next", () => {
    const [matcher = ""] = config.matcher;
    const pattern = new RegExp(`^${matcher}$`);
    for (const path of ["/", "/watch", "/watch/streams", "/ws/video", "/health", "/_nextdoor"])
      expect(path).toMatch(pattern);
    for (const path of ["/_next/static/a.js", "/_next/webpack-hmr"]) expect(path).not.toMatch(pattern);
  });
});
