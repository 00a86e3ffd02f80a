import { describe, expect, it } from "vitest";
import { MeterBallistics, spellLevel, toMeter, toSteps } from "./levels";

const amplitude = (db: number) => 10 ** (db / 20);

describe("the level meter", () => {
  it("shows 60 dB, evenly", () => {
    expect(toMeter(1)).toBe(1);
    expect(toMeter(amplitude(-30))).toBeCloseTo(0.5);
    expect(toMeter(amplitude(-60))).toBeCloseTo(0);
    expect(toMeter(0)).toBe(0);
    expect(toMeter(Number.NaN)).toBe(0);
    expect(toMeter(3)).toBe(1);
  });

  it("holds a peak for a moment, then lets it fall", () => {
    const meter = new MeterBallistics();
    meter.update({ rms: 0.5, peak: 1 }, 0);
    const quiet = { rms: 0.001, peak: 0.001 };
    expect(meter.update(quiet, 1000).peak).toBe(1);
    meter.update(quiet, 1250);
    const later = meter.update(quiet, 1750).peak;
    expect(later).toBeLessThan(0.8);
    expect(later).toBeGreaterThan(0.5);
    expect(meter.update(quiet, 60_000).peak).toBeCloseTo(0);
  });

  it("does not cry clipping over a single click", () => {
    const meter = new MeterBallistics();
    expect(meter.update({ rms: 0.2, peak: 1 }, 0).clipping).toBe(false);
    expect(meter.update({ rms: 0.2, peak: 0.5 }, 50).clipping).toBe(false);
    expect(meter.update({ rms: 0.2, peak: 1 }, 100).clipping).toBe(false);
  });

  it("says clipping after three loud blocks and takes it back when it is over", () => {
    const meter = new MeterBallistics();
    const loud = { rms: 0.7, peak: amplitude(-0.5) };
    meter.update(loud, 0);
    meter.update(loud, 50);
    expect(meter.update(loud, 100).clipping).toBe(true);
    expect(meter.update({ rms: 0.1, peak: 0.2 }, 1000).clipping).toBe(true);
    expect(meter.update({ rms: 0.1, peak: 0.2 }, 2000).clipping).toBe(false);
  });

  it("moves in whole steps where less motion is asked for", () => {
    expect(toSteps(0, 5)).toBe(0);
    expect(toSteps(0.5, 5)).toBe(3);
    expect(toSteps(1, 5)).toBe(5);
  });

  it("is said in words", () => {
    expect(spellLevel({ level: 0, peak: 0, clipping: false })).toBe("Silent");
    expect(spellLevel({ level: 0.2, peak: 0, clipping: false })).toBe("Quiet");
    expect(spellLevel({ level: 0.6, peak: 0, clipping: false })).toBe("Good");
    expect(spellLevel({ level: 0.9, peak: 1, clipping: true })).toBe("Too loud");
  });
});
