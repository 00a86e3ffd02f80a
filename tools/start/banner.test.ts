import { describe, expect, it } from "vitest";
import { banner } from "./banner.ts";

const options = {
  here: "http://localhost:3000",
  phones: ["https://192.168.1.20:3443", "https://10.0.0.5:3443"],
  watchKey: "a-key-of-22-letters-it",
  qr: true,
  colour: false,
  columns: 80,
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
    expect(banner(options)).toContain("To watch           http://localhost:3000/watch");
    expect(banner(options)).toContain("https://192.168.1.20:3443/watch#key=a-key-of-22-letters-it");
    expect(banner({ ...options, phones: [] })).toContain("http://localhost:3000/watch");
    expect(banner({ ...options, phones: [] })).not.toContain("a-key");
  });

  it("fits a terminal of 80 columns and 24 lines, with the prompt's line", () => {
    for (const phones of [options.phones, ["https://192.168.100.200:3443"]]) {
      const lines = banner({ ...options, phones }).split("\n");
      // Two more follow, and the prompt is on the last.
      expect(lines.length).toBeLessThanOrEqual(21);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    }
  });

  it("stands below its code where there is no room beside it, and breaks no address", () => {
    const lines = banner({ ...options, columns: 50 }).split("\n");
    for (const line of lines) if (!line.includes("https://")) expect(line.length).toBeLessThanOrEqual(50);
    expect(lines.findLastIndex((line) => /[█▀▄]/.test(line))).toBeLessThan(
      lines.findIndex((line) => line.includes("On a phone")),
    );
  });

  it("has no code where none is wanted", () => {
    expect(banner({ ...options, qr: false })).not.toMatch(/[█▀▄]/);
  });

  it("says what to do where there is no network for a phone", () => {
    const text = banner({ ...options, phones: [] }).replaceAll(/\s+/g, " ");
    expect(text).toContain("connect this computer to the phone's Wi-Fi and start again");
  });

  it("draws the code white on black where the terminal has colours, for phones cannot read it inverted", () => {
    const lines = banner({ ...options, colour: true })
      .split("\n")
      .filter((line) => /[█▀▄]/.test(line));
    expect(lines.length).toBeGreaterThan(10);
    for (const line of lines) {
      expect(line.startsWith("  \x1b[38;5;231;48;5;16m") && line.includes("\x1b[0m")).toBe(true);
    }
  });
});
