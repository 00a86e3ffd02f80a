import { describe, expect, it } from "vitest";
import { readVisit } from "./visit";

const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1";

const visit = (headers: Record<string, string>, backendUrl = "") =>
  readVisit((name) => headers[name], backendUrl);

describe("what a request says", () => {
  it("is the address that the browser asked, behind a proxy too", () => {
    expect(visit({ host: "localhost:3000" }).pageOrigin).toBe("http://localhost:3000");
    const behind = {
      host: "10.0.0.2:8080",
      "x-forwarded-host": "cast.example.org",
      "x-forwarded-proto": "https,http",
    };
    expect(visit(behind)).toMatchObject({
      pageOrigin: "https://cast.example.org",
      backendHost: "cast.example.org",
    });
  });

  it("is where the media goes, when that is another place", () => {
    expect(visit({ host: "page.example.org" }, "https://backend.example.org").backendHost).toBe(
      "backend.example.org",
    );
  });

  it("is whose menus are meant", () => {
    expect(visit({ host: "localhost", "user-agent": IPHONE }).platform).toBe("ios-safari");
  });

  it.each<Record<string, string>>([{}, { host: "a b" }, { host: "x/../y" }, { host: 'x"><script>' }])(
    "may be nonsense: %o",
    (headers) => {
      expect(visit(headers).pageOrigin).toBe("http://localhost");
    },
  );
});
