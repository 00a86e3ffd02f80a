import fc from "fast-check";
import { afterEach, expect, it, vi } from "vitest";

/** A phone: what really passed, and a clock that somebody may set. */
class Device {
  passedMs = 0;
  #setMs = 1_763_836_800_000;

  readonly now = () => this.#setMs + this.passedMs;

  setBy(ms: number): void {
    this.#setMs += ms;
  }

  /** The clocks of one page or worker, opened now. */
  open(engine: "chromium" | "webkit"): Pick<Performance, "timeOrigin" | "now"> {
    const { now } = this;
    const openedAt = this.passedMs;
    const passed = () => this.passedMs - openedAt;
    const origin = now();
    return {
      // WebKit computes it anew with every read, from what the device's clock says by then.
      get timeOrigin() {
        return engine === "webkit" ? now() - passed() : origin;
      },
      now: passed,
    };
  }
}

/** The module as a page or a worker loads it. */
async function load(device: Device, engine: "chromium" | "webkit") {
  vi.resetModules();
  const performance = device.open(engine);
  vi.stubGlobal("performance", performance);
  const { systemClock } = await import("./clock");
  /** Its own globals are there again while its code runs. */
  const run = <T>(task: (clock: typeof systemClock) => T): T => {
    vi.stubGlobal("performance", performance);
    vi.stubGlobal("Date", { now: device.now });
    try {
      return task(systemClock);
    } finally {
      vi.unstubAllGlobals();
    }
  };
  return run;
}

afterEach(() => vi.unstubAllGlobals());

const engines = fc.constantFrom("chromium" as const, "webkit" as const);
const settings = fc.array(
  fc.record({ passMs: fc.nat(600_000), setMs: fc.integer({ min: -1e8, max: 1e8 }) }),
  { minLength: 1, maxLength: 8 },
);

it("passes as time does, whenever the device's clock is set and to whatever", async () => {
  await fc.assert(
    fc.asyncProperty(engines, settings, async (engine, schedule) => {
      const device = new Device();
      const run = await load(device, engine);
      const openedAt = run((clock) => clock.now());
      expect(openedAt).toBe(device.now());
      for (const { passMs, setMs } of schedule) {
        device.setBy(setMs);
        device.passedMs += passMs;
        expect(run((clock) => clock.now()) - openedAt).toBe(device.passedMs);
      }
    }),
    { numRuns: 50 },
  );
});

it("is one clock on the page and in its workers, whatever the device's clock was set to before one was opened", async () => {
  await fc.assert(
    fc.asyncProperty(engines, settings, fc.nat(1_000), async (engine, schedule, underWayMs) => {
      const device = new Device();
      const page = await load(device, engine);
      for (const { passMs, setMs } of schedule) {
        device.setBy(setMs);
        device.passedMs += passMs;
        const worker = await load(device, engine);
        const reading = page((clock) => clock.read());
        device.passedMs += underWayMs;
        worker((clock) => clock.follow(reading));
        device.setBy(-setMs);
        device.passedMs += passMs;
        expect(worker((clock) => clock.now())).toBeCloseTo(
          page((clock) => clock.now()),
          3,
        );
      }
    }),
    { numRuns: 50 },
  );
});

it("is late by no more than the reading was under way, where the device's clock was set just then", async () => {
  const device = new Device();
  const page = await load(device, "webkit");
  const worker = await load(device, "webkit");
  for (const setMs of [-3_600_000, 3_600_000]) {
    const reading = page((clock) => clock.read());
    device.passedMs += 5;
    device.setBy(setMs);
    worker((clock) => clock.follow(reading));
    expect(page((clock) => clock.now()) - worker((clock) => clock.now())).toBeCloseTo(5, 3);
  }
});
