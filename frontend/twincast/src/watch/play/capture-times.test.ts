import { describe, expect, it } from "vitest";
import { CaptureTimes, packetUs } from "./capture-times";

describe("the time of capture", () => {
  it("is unknown before a chunk told it", () => {
    expect(new CaptureTimes().at(0)).toBeNull();
  });

  it("is exact where the encoder stamps its frames", () => {
    const times = new CaptureTimes();
    for (let nth = 0; nth < 100; nth++) times.note(nth * 33_333, 5_000 + nth * 33.333);
    expect(times.at(10 * 33_333)).toBeCloseTo(5_333.33, 1);
  });

  it("is the earliest that any chunk tells, where a recorder stamps what it gives when it gives it", () => {
    const times = new CaptureTimes();
    // Each chunk's newest media are 20 to 90 ms old when it is given.
    for (let nth = 0; nth < 50; nth++)
      times.note(nth * 100_000, 5_000 + nth * 100 + 20 + ((nth * 7) % 8) * 10);
    expect(Math.abs((times.at(1_000_000) ?? 0) - 6_020)).toBeLessThan(3);
  });

  it("follows a microphone's clock that runs slower than the phone's, and one that runs faster", () => {
    for (const drift of [1 + 1e-4, 1 - 1e-4]) {
      const times = new CaptureTimes();
      for (let nth = 0; nth < 36_000; nth++) times.note(nth * 100_000, 5_000 + nth * 100 * drift);
      expect(times.at(3_599_900_000)).toBeCloseTo(5_000 + 3_599_900 * drift, 0);
    }
  });
});

describe("a packet of sound", () => {
  it.each([
    ["20 ms of CELT", [0b11111_0_00], 20_000],
    ["two frames of 10 ms", [0b11110_0_01], 20_000],
    ["three of 20 ms", [0b11111_0_11, 3], 60_000],
    ["60 ms of SILK", [0b00011_0_00], 60_000],
    ["2.5 ms", [0b10000_0_00], 2_500],
  ])("plays as long as its first byte says: %s", (_name, bytes, us) => {
    expect(packetUs("opus", Uint8Array.from(bytes), 48_000)).toBe(us);
  });

  it("of AAC holds 1024 samples", () => {
    expect(packetUs("mp4a.40.2", new Uint8Array(10), 48_000)).toBeCloseTo(21_333.3, 0);
  });

  it("that tells nothing has no length", () => {
    expect(packetUs("opus", new Uint8Array(), 48_000)).toBe(0);
    expect(packetUs("vp8", Uint8Array.of(1, 2), 48_000)).toBe(0);
  });
});
