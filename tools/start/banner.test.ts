import { describe, expect, it } from "vitest";
import { banner } from "./banner.ts";

const options = {
  here: "http://localhost:3000",
  phones: ["https://192.168.1.20:3443", "https://10.0.0.5:3443"],
  watchKey: "a-key",
  qr: true,
  colour: false,
};

describe("what the terminal says", () => {
  it("is the address here, those for the phone, a code to scan and the certificate to trust", () => {
    const text = banner(options);
    expect(text).toContain("On this computer   http://localhost:3000");
    expect(text).toContain("On a phone         https://192.168.1.20:3443");
    expect(text).toContain("or https://10.0.0.5:3443");
    expect(text).toContain("https://192.168.1.20:3443/twincast-ca.crt");
    expect(text.match(/[█▀▄]/g)?.length).toBeGreaterThan(100);
  });

  it("is where to watch: here without a key, elsewhere with the one that no server is sent", () => {
    const text = banner(options);
    expect(text).toContain("To watch           http://localhost:3000/watch ");
    expect(text).toContain("https://192.168.1.20:3443/watch#key=a-key ");
    expect(banner({ ...options, phones: [] })).toContain("http://localhost:3000/watch");
    expect(banner({ ...options, phones: [] })).not.toContain("a-key");
  });

  it("has no code where none is wanted", () => {
    expect(banner({ ...options, qr: false })).not.toMatch(/[█▀▄]/);
  });

  it("says what to do where there is no network for a phone", () => {
    expect(banner({ ...options, phones: [] })).toContain(
      "connect this computer to the phone's Wi-Fi and start again",
    );
  });

  it("draws the code white on black where the terminal has colours, for phones cannot read it inverted", () => {
    const lines = banner({ ...options, colour: true })
      .split("\n")
      .filter((line) => /[█▀▄]/.test(line));
    expect(lines.length).toBeGreaterThan(10);
    for (const line of lines)
      expect(line.startsWith("  \x1b[38;5;231;48;5;16m") && line.endsWith("\x1b[0m")).toBe(true);
  });
});
