import { describe, expect, it } from "vitest";
import { FakeClock } from "../testing/fake-clock";
import { RENEW_AT_SHARE, RENEW_RETRY_MS, TokenKeeper, type Tokens } from "./tokens";

const LIFETIME_MS = 3_600_000;
const HOUR_MS = 3_600_000;

/** A service that numbers what it gives, and can be away. */
function keeping({ lifetimeMs = LIFETIME_MS as number | null } = {}) {
  const clock = new FakeClock();
  const given: Tokens[] = [];
  const service = { isAway: false, asked: 0, hangs: false };
  const keeper = new TokenKeeper({
    session: "s",
    clock,
    fetchTokens: async () => {
      service.asked++;
      if (service.hangs) return new Promise(() => {});
      if (service.isAway) throw new Error("The page's server does not answer.");
      return { tokens: { video: `v${service.asked}`, audio: `a${service.asked}` }, lifetimeMs };
    },
    onTokens: (tokens) => given.push(tokens),
  });
  return { clock, given, service, keeper };
}

describe("a session's tokens", () => {
  it("are replaced in good time before they end, for as long as the session lasts", async () => {
    const { clock, given, keeper } = keeping();
    expect(await keeper.first()).toEqual({ video: "v1", audio: "a1" });
    await clock.advance(LIFETIME_MS * RENEW_AT_SHARE - 1);
    expect(given).toEqual([]);
    await clock.advance(1);
    expect(given).toEqual([{ video: "v2", audio: "a2" }]);
    await clock.advance(6 * HOUR_MS);
    expect(given).toHaveLength(11);
  });

  it("are replaced once the service is back, however long it was away", async () => {
    const { clock, given, service, keeper } = keeping();
    await keeper.first();
    service.isAway = true;
    await clock.advance(5 * HOUR_MS);
    expect(given).toEqual([]);
    service.isAway = false;
    await clock.advance(RENEW_RETRY_MS.longest);
    expect(given).toHaveLength(1);
  });

  it("do not ask a service that is away more often than every half minute", async () => {
    const { clock, service, keeper } = keeping();
    await keeper.first();
    service.isAway = true;
    keeper.renew();
    await clock.advance(HOUR_MS);
    expect(service.asked).toBeLessThan(HOUR_MS / RENEW_RETRY_MS.longest + 10);
  });

  it("are fetched once, however many streams were refused", async () => {
    const { clock, given, service, keeper } = keeping();
    await keeper.first();
    keeper.renew();
    keeper.renew();
    await clock.advance(0);
    expect(service.asked).toBe(2);
    expect(given).toHaveLength(1);
  });

  it("are fetched no more when the session is over, and what comes late is no one's", async () => {
    const { clock, given, service, keeper } = keeping();
    await keeper.first();
    keeper.renew();
    keeper.close();
    await clock.advance(24 * HOUR_MS);
    expect(given).toEqual([]);
    expect(service.asked).toBe(2);
    expect(clock.pending).toBe(0);
  });

  it("that do not end are left alone", async () => {
    const { clock, service, keeper } = keeping({ lifetimeMs: null });
    await keeper.first();
    await clock.advance(24 * HOUR_MS);
    expect(service.asked).toBe(1);
  });

  it("say at Start why there are none", async () => {
    const { service, keeper } = keeping();
    service.isAway = true;
    await expect(keeper.first()).rejects.toThrow("does not answer");
  });
});
