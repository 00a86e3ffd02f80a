import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import type { PathFigures } from "../transport";
import { RateControl, type RateTuning } from "./rate-control";

const TUNING: RateTuning = {
  floorBitsPerSecond: 10_000,
  standingQueueMs: 400,
  longQueueMs: 2_000,
  lowerEveryMs: 1_500,
  raiseEveryMs: 2_000,
  holdMs: 8_000,
  maxHoldMs: 32_000,
};
const WANTED = 1_000_000;
const STEP_MS = 250;

/** Feeds a control with the figures of a path, four times a second. */
class Feed {
  readonly control = new RateControl(WANTED, TUNING);
  now = 0;
  openForMs: number | null = 60_000;
  wayMs = 120;
  lateMs = 0;
  silentMs = 0;
  /** Bytes a second. */
  acked = 125_000;
  /** Bytes a second of the encoder; null: what it is asked for. */
  produced: number | null = null;
  #ackedBytes = 0;
  #producedBytes = 0;

  step(): number {
    this.now += STEP_MS;
    if (this.openForMs !== null) this.openForMs += STEP_MS;
    this.#ackedBytes += (this.acked * STEP_MS) / 1_000;
    this.#producedBytes += ((this.produced ?? this.control.bitsPerSecond / 8) * STEP_MS) / 1_000;
    const figures: PathFigures = {
      openForMs: this.openForMs,
      wayMs: this.wayMs,
      lateMs: this.lateMs,
      silentMs: this.silentMs,
      ackedBytes: this.#ackedBytes,
      producedBytes: this.#producedBytes,
      keptBytes: Math.max(0, this.#producedBytes - this.#ackedBytes),
    };
    return this.control.follow(figures, this.now);
  }

  for(ms: number, each: (feed: Feed) => void = () => {}): number {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      each(this);
      this.step();
    }
    return this.control.bitsPerSecond;
  }
}

let feed: Feed;

beforeEach(() => {
  feed = new Feed();
  feed.for(10_000);
});

/** The path carries this many bytes a second, and what it does not carry queues. */
function narrow(bytesPerSecond: number) {
  let queued = 0;
  return (of: Feed) => {
    const produced = of.produced ?? of.control.bitsPerSecond / 8;
    queued += (produced * STEP_MS) / 1_000;
    const sent = Math.min(queued, (bytesPerSecond * STEP_MS) / 1_000);
    queued -= sent;
    of.acked = (sent * 1_000) / STEP_MS;
    of.lateMs = (queued / bytesPerSecond) * 1_000;
  };
}

describe("down", () => {
  it("it does not go while the path is clear, however long the way is", () => {
    feed.wayMs = 700;
    expect(feed.for(60_000)).toBe(WANTED);
  });

  it("it does not go for the queue that each key frame makes", () => {
    let nth = 0;
    const burst = (of: Feed) => {
      of.lateMs = nth++ % 8 < 5 ? 1_000 : 0;
    };
    expect(feed.for(60_000, burst)).toBe(WANTED);
  });

  it("it goes below what was acknowledged as soon as a queue stands", () => {
    const path = narrow(50_000);
    feed.for(5_000, path);
    expect(feed.control.bitsPerSecond).toBeLessThan(50_000 * 8 * 0.85);
    feed.for(20_000, path);
    expect(feed.lateMs).toBe(0);
  });

  it("it goes on, by what the encoder really brings, until that fits", () => {
    // Never less than half as much again as it is asked for.
    const path = narrow(20_000);
    feed.for(40_000, (of) => {
      of.produced = (of.control.bitsPerSecond / 8) * 1.5;
      path(of);
    });
    expect(feed.control.bitsPerSecond * 1.5).toBeLessThan(20_000 * 8);
    expect(feed.lateMs).toBeLessThan(1_000);
  });

  it("it takes no rate for the path's that the encoder did not use", () => {
    const path = narrow(30_000);
    feed.produced = 40_000;
    feed.for(6_000, path);
    expect(feed.control.bitsPerSecond).toBeLessThan(30_000 * 8);
  });

  it("it does not go during an outage, nor for what is kept after it as long as that will soon be gone", () => {
    feed.openForMs = null;
    feed.produced = 125_000;
    feed.acked = 0;
    feed.for(30_000, (of) => {
      of.lateMs += STEP_MS;
    });
    feed.openForMs = 0;
    feed.acked = 1_000_000;
    const rate = feed.for(10_000, (of) => {
      of.lateMs = Math.max(0, of.lateMs - 3_000);
    });
    expect(rate).toBe(WANTED);
  });

  it("it goes down step by step while a connection that is not dead acknowledges nothing", () => {
    feed.acked = 0;
    feed.for(6_000, (of) => {
      of.silentMs += STEP_MS;
      of.lateMs += STEP_MS;
    });
    expect(feed.control.bitsPerSecond).toBeLessThanOrEqual(WANTED / 4);
    expect(feed.control.bitsPerSecond).toBeGreaterThan(WANTED / 16);
  });

  it("it never goes below its floor, nor above what was asked for", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            lateMs: fc.integer({ min: 0, max: 60_000 }),
            acked: fc.integer({ min: 0, max: 300_000 }),
            silentMs: fc.integer({ min: 0, max: 10_000 }),
            openForMs: fc.option(fc.integer({ min: 0, max: 60_000 }), { nil: null }),
          }),
          { maxLength: 200 },
        ),
        (moments) => {
          const any = new Feed();
          for (const moment of moments) {
            Object.assign(any, moment);
            const rate = any.step();
            expect(rate).toBeGreaterThanOrEqual(TUNING.floorBitsPerSecond);
            expect(rate).toBeLessThanOrEqual(WANTED);
            expect(Number.isInteger(rate)).toBe(true);
          }
        },
      ),
    );
  });
});

describe("up", () => {
  it("it comes back to what was asked for within 90 s once the path is clear, on a long way too", () => {
    for (const wayMs of [120, 400, 700]) {
      feed = new Feed();
      feed.wayMs = wayMs;
      feed.for(30_000, narrow(8_000));
      const wide = narrow(1_000_000);
      expect(feed.for(90_000, wide), `${wayMs} ms`).toBe(WANTED);
    }
  });

  it("it steps by less than a third, no oftener than every two seconds", () => {
    feed.for(30_000, narrow(8_000));
    let before = feed.control.bitsPerSecond;
    let at = Number.NEGATIVE_INFINITY;
    feed.for(90_000, (of) => {
      narrow(1_000_000)(of);
      const rate = of.control.bitsPerSecond;
      if (rate === before) return;
      expect(rate / before).toBeLessThanOrEqual(1.31);
      expect(of.now - at).toBeGreaterThanOrEqual(TUNING.raiseEveryMs);
      before = rate;
      at = of.now;
    });
  });

  it("it tries a full path ever more seldom, and makes no long queue when it does", () => {
    const path = narrow(50_000);
    feed.for(30_000, path);
    let worstMs = 0;
    let failures = 0;
    let before = feed.control.bitsPerSecond;
    feed.for(240_000, (of) => {
      path(of);
      worstMs = Math.max(worstMs, of.lateMs);
      if (of.control.bitsPerSecond < before) failures++;
      before = of.control.bitsPerSecond;
    });
    expect(worstMs).toBeLessThan(3_000);
    expect(failures).toBeGreaterThan(1);
    expect(failures).toBeLessThan(12);
  });

  it("it always comes back, whatever the path did before", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1_000, max: 200_000 }), { maxLength: 12 }), (widths) => {
        const any = new Feed();
        for (const width of widths) any.for(5_000, narrow(width));
        const wide = narrow(10_000_000);
        expect(any.for(150_000, wide)).toBe(WANTED);
      }),
      { numRuns: 50 },
    );
  });
});
