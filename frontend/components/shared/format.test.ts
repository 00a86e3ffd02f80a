import { describe, expect, it } from "vitest";
import {
  formatBytes,
  formatClock,
  formatCount,
  formatDelay,
  formatPercent,
  formatRate,
  formatSeconds,
  spellDuration,
} from "./format";

/** The figure and its unit are held together by a space that does not break. */
const plain = (text: string) => text.replaceAll("\u00a0", " ");

describe("figures", () => {
  it("says a delay in the unit that fits it", () => {
    expect(plain(formatDelay(85.4))).toBe("85 ms");
    expect(plain(formatDelay(999.6))).toBe("1 s");
    expect(plain(formatDelay(1240))).toBe("1.2 s");
    expect(plain(formatDelay(-3))).toBe("0 ms");
  });

  it("drops the tenths of a second where nobody needs them", () => {
    expect(plain(formatSeconds(400))).toBe("0.4 s");
    expect(plain(formatSeconds(9960))).toBe("10 s");
    expect(plain(formatSeconds(59_600))).toBe("1 min");
    expect(plain(formatSeconds(185_000))).toBe("3 min 5 s");
  });

  it("shows hours only when there are any", () => {
    expect(formatClock(7_999)).toBe("00:07");
    expect(formatClock(760_000)).toBe("12:40");
    expect(formatClock(3_729_000)).toBe("1:02:09");
  });

  it("spells a duration for screen readers", () => {
    expect(spellDuration(0)).toBe("0 seconds");
    expect(spellDuration(61_000)).toBe("1 minute 1 second");
    expect(spellDuration(7_205_000)).toBe("2 hours 5 seconds");
  });

  it("counts bytes in decimal units and never shows 1000 of one", () => {
    expect(plain(formatBytes(999))).toBe("999 B");
    expect(plain(formatBytes(8_400))).toBe("8.4 KB");
    expect(plain(formatBytes(999_700))).toBe("1 MB");
    expect(plain(formatBytes(12_300_000))).toBe("12 MB");
    expect(plain(formatRate(183.6))).toBe("184 KB/s");
  });

  it("does not claim 100 % while something is left", () => {
    expect(plain(formatPercent(9_999, 10_000))).toBe("99 %");
    expect(plain(formatPercent(10, 10))).toBe("100 %");
    expect(plain(formatPercent(0, 0))).toBe("100 %");
  });

  it("counts one chunk as one chunk", () => {
    expect(plain(formatCount(1, "chunk"))).toBe("1 chunk");
    expect(plain(formatCount(1204, "chunk"))).toBe("1,204 chunks");
  });
});
