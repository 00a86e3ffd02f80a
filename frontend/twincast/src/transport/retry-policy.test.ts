import { describe, expect, it } from "vitest";
import { FIRST_TRY, nextRetry, type RetryContext, silenceLimitMs } from "./retry-policy";

const retry = (context: Partial<RetryContext> = {}) =>
  nextRetry({
    failure: "hung",
    attempt: 1,
    rttMs: 50,
    random: 0.5,
    handshakes: { failed: 0, succeeded: 1 },
    firstTimeoutMs: 1_500,
    ...context,
  });

describe("when to try again", () => {
  it.each(["lost", "hung"] as const)("at once after a connection was %s", (failure) => {
    expect(retry({ failure }).delayMs).toBe(0);
  });

  it("after a refusal within 300 ms, doubling to 5 s", () => {
    const longest = [0, 1, 2, 3, 4, 5, 20].map((attempt) =>
      Math.round(retry({ failure: "refused", attempt, random: 0.999_999 }).delayMs),
    );
    expect(longest).toEqual([300, 600, 1_200, 2_400, 4_800, 5_000, 5_000]);
  });

  it("with full jitter, so that a thousand phones do not come back in step", () => {
    const delays = [0, 0.25, 0.5, 0.75].map(
      (random) => retry({ failure: "refused", attempt: 4, random }).delayMs,
    );
    expect(delays).toEqual([0, 1_200, 2_400, 3_600]);
  });
});

describe("how long an attempt may take", () => {
  it("lets two streams that were lost together take turns", () => {
    expect(retry({ attempt: 0 }).timeoutMs).toBe(1_500);
    expect(retry({ attempt: 0, firstTimeoutMs: 3_000 }).timeoutMs).toBe(3_000);
    expect(retry({ attempt: 1 }).timeoutMs).toBe(retry({ attempt: 1, firstTimeoutMs: 3_000 }).timeoutMs);
  });

  it("gives a slow path six round trips, but not for ever", () => {
    expect(retry({ rttMs: 700 }).timeoutMs).toBe(4_200);
    expect(retry({ rttMs: 60_000 }).timeoutMs).toBe(6_000);
    expect(retry({ rttMs: null }).timeoutMs).toBe(3_000);
  });

  it("gives a path that became slow a long attempt now and then", () => {
    const patient = Array.from({ length: 40 }, (_, attempt) => attempt + 1).filter(
      (nth) => retry({ attempt: nth - 1 }).timeoutMs === 6_000,
    );
    expect(patient).toEqual([8, 32]);
  });

  it("outlasts the 5 s for which Chromium holds sockets back after many failures", () => {
    expect(retry({ handshakes: { failed: 6, succeeded: 0 } }).timeoutMs).toBe(3_000);
    expect(retry({ handshakes: { failed: 7, succeeded: 0 } }).timeoutMs).toBe(6_000);
    expect(retry({ handshakes: { failed: 7, succeeded: 1 } }).timeoutMs).toBe(3_000);
  });

  it("is patient with the first connection, which nothing is known of", () => {
    expect(FIRST_TRY).toEqual({ delayMs: 0, timeoutMs: 4_000 });
  });
});

describe("how long a connection may stay silent", () => {
  it("is 2.5 s, or four round trips of a slow path", () => {
    expect(silenceLimitMs(null, 0)).toBe(2_500);
    expect(silenceLimitMs(100, 0)).toBe(2_500);
    expect(silenceLimitMs(2_000, 0)).toBe(8_000);
  });

  it("leaves the message that is on its way the time that it takes", () => {
    expect(silenceLimitMs(100, 0, 3_000)).toBe(5_500);
  });

  it("doubles with every connection that died without an acknowledgement, up to sixteen times", () => {
    expect([0, 1, 2, 3, 4, 5, 50].map((unanswered) => silenceLimitMs(null, unanswered))).toEqual([
      2_500, 5_000, 10_000, 20_000, 40_000, 40_000, 40_000,
    ]);
  });
});
