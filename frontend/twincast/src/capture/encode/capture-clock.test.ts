import { describe, expect, it } from "vitest";
import { CaptureClock } from "./capture-clock";

const START = 1_700_000_000_000;

/** Feeds one item every 20 ms that arrives `delays[i]` late; the source's clock runs at `rate` and began at 5,000. */
function observe(clock: CaptureClock, delays: readonly number[], rate = 1, firstMs = 0): void {
  delays.forEach((delayMs, i) => {
    const ms = firstMs + i * 20;
    clock.observe(5_000 + ms * rate, START + ms + delayMs);
  });
}

describe("the time of capture", () => {
  it("is that of the item that came with the least delay", () => {
    const clock = new CaptureClock();
    observe(clock, [30, 12, 3, 45, 9]);
    expect(clock.capturedAt(5_080)).toBeCloseTo(START + 80 + 3, 0);
  });

  it("does not grow with a delay that does", () => {
    const clock = new CaptureClock();
    observe(
      clock,
      Array.from({ length: 50 }, (_, i) => i * 10),
    );
    expect(clock.capturedAt(5_000 + 49 * 20) - (START + 49 * 20)).toBeLessThan(1);
  });

  it.each([
    ["slow", 0.9999],
    ["fast", 1.0001],
  ])("follows a source whose clock is %s, for an hour", (_name, rate) => {
    const clock = new CaptureClock();
    const items = (3_600 * 1_000) / 20;
    observe(
      clock,
      Array.from({ length: items }, (_, i) => (i % 7) * 3),
      rate,
    );
    const lastMs = (items - 1) * 20;
    expect(Math.abs(clock.capturedAt(5_000 + lastMs * rate) - (START + lastMs))).toBeLessThan(5);
  });

  it("is never far off, however wrong the source's clock is", () => {
    const clock = new CaptureClock();
    const delays = Array.from({ length: 3_000 }, () => 2);
    observe(clock, delays, 0.944);
    const lastMs = 2_999 * 20;
    expect(Math.abs(clock.capturedAt(5_000 + lastMs * 0.944) - (START + lastMs))).toBeLessThan(120);
  });

  it("is right again at once after the source paused", () => {
    const clock = new CaptureClock();
    observe(clock, [5, 5, 5]);
    // The source stood still for a minute and counts on from where it was.
    clock.observe(5_060, START + 60_060 + 5);
    expect(clock.capturedAt(5_060)).toBe(START + 60_060 + 5);
  });

  it("is right again at once after the system's clock was set back", () => {
    const clock = new CaptureClock();
    observe(clock, [5, 5, 5]);
    clock.observe(5_060, START - 3_600_000);
    expect(clock.capturedAt(5_060)).toBe(START - 3_600_000);
  });
});
