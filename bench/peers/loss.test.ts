import { describe, expect, it } from "vitest";
import { type Cut, lossOf } from "./loss.ts";

const EVERY_MS = 40;
const CUT: Cut = { fromMs: 10_000, untilMs: 15_000, judgedUntilMs: 20_000, endMs: 21_500 };
const given = Array.from({ length: 600 }, (_, i) => i * EVERY_MS);
const arrive = (isThere: (at: number) => boolean, delayMs = 50) =>
  given.filter(isThere).map((capturedAt) => ({ capturedAt, receivedAt: capturedAt + delayMs }));
const isCut = (at: number) => at >= CUT.fromMs && at < CUT.untilMs;

describe("lossOf", () => {
  it("says that nothing is lost of what came late", () => {
    const arrivals = given.map((at) => ({ capturedAt: at, receivedAt: isCut(at) ? 15_800 : at + 50 }));
    expect(lossOf(given, EVERY_MS, arrivals, CUT)).toEqual({ lostMs: 0, frozenMs: 0, backAfterMs: 50 });
  });

  it("counts every picture of a cut that never came, as one standstill", () => {
    const loss = lossOf(
      given,
      EVERY_MS,
      arrive((at) => !isCut(at)),
      CUT,
    );
    expect(loss).toEqual({ lostMs: 5_000, frozenMs: 5_000, backAfterMs: 50 });
  });

  it("tells a lower frame rate from a standstill", () => {
    const isThere = (at: number) => !isCut(at) && (at < CUT.untilMs || (at / EVERY_MS) % 2 === 0);
    const { lostMs, frozenMs } = lossOf(given, EVERY_MS, arrive(isThere), CUT);
    expect(lostMs).toBe(5_000 + 63 * EVERY_MS);
    expect(frozenMs).toBe(5_000 + EVERY_MS);
  });

  it("counts what was on its way when the network went, and nothing that was given too late to arrive", () => {
    const isThere = (at: number) => at < CUT.fromMs - 400 || (at >= CUT.untilMs && at < CUT.judgedUntilMs);
    expect(lossOf(given, EVERY_MS, arrive(isThere), CUT).lostMs).toBe(5_400);
  });

  it("counts a picture that came twice once", () => {
    const arrivals = arrive((at) => !isCut(at));
    expect(lossOf(given, EVERY_MS, [...arrivals, ...arrivals], CUT).lostMs).toBe(5_000);
  });

  it("says of what never came back that it did not, and counts it to the end", () => {
    const loss = lossOf(
      given,
      EVERY_MS,
      arrive((at) => at < CUT.fromMs),
      CUT,
    );
    expect(loss).toEqual({ lostMs: 10_000, frozenMs: 10_000, backAfterMs: null });
  });

  it("says of what came back after the next cut only that it did not come back", () => {
    const isThere = (at: number) => at < CUT.fromMs || at >= CUT.endMs;
    expect(lossOf(given, EVERY_MS, arrive(isThere), CUT).backAfterMs).toBeNull();
  });

  it("takes each tone that is missing for a hole", () => {
    const tones = given.filter((at) => at % 240 === 0);
    const arrivals = tones
      .filter((at) => at !== 12_000)
      .map((at) => ({ capturedAt: at, receivedAt: at + 60 }));
    expect(lossOf(tones, 240, arrivals, CUT)).toMatchObject({ lostMs: 240, frozenMs: 240 });
  });
});
