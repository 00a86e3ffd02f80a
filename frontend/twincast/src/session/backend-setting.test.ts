import { describe, expect, it } from "vitest";
import { readBackendSetting } from "./backend-setting";

describe("the backend's address in the settings", () => {
  it.each([
    [undefined, ""],
    ["", ""],
    [" https://backend.example.com ", "https://backend.example.com"],
    ["http://127.0.0.1:8000/twincast", "http://127.0.0.1:8000/twincast"],
    ["wss://backend.example.com", "https://backend.example.com"],
    ["ws://127.0.0.1:8000", "http://127.0.0.1:8000"],
    ['"https://backend.example.com"', "https://backend.example.com"],
    ["' wss://backend.example.com '", "https://backend.example.com"],
  ])("is taken as it is meant: %j", (text, address) => {
    expect(readBackendSetting("BACKEND_URL", text)).toBe(address);
  });

  it.each([
    [
      "https://",
      /^BACKEND_URL is "https:\/\/", and there is nothing after it \(on Railway: .*\): set it to /,
    ],
    [
      "backend.up.railway.app",
      /^BACKEND_URL is "backend.up.railway.app", and it must begin with https:\/\/: /,
    ],
    ["localhost:8000", /must begin with https/],
    ["ftp://backend.example.com", /must begin with https/],
    [`https://\${{backend.RAILWAY_PUBLIC_DOMAIN}}`, /nothing has filled in the reference/],
    ["/health", /must begin with https/],
  ])("is refused in one sentence where it cannot be one: %j", (text, sentence) => {
    expect(() => readBackendSetting("BACKEND_URL", text)).toThrow(sentence);
  });
});
