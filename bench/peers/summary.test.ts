import { describe, expect, it } from "vitest";
import { markdownOf } from "./report.ts";
import type { SessionResult } from "./session.ts";
import { summaryOf } from "./summary.ts";

function session(delayMs: number, backAfterMs: number | null): SessionResult {
  const figures = {
    delaysMs: Array.from({ length: 100 }, (_, i) => delayMs + (i < 94 ? 0 : 50)),
    given: 110,
    dropped: 11,
    losses: { silence: { lostMs: 5_000, frozenMs: 4_000, backAfterMs } },
  };
  return {
    format: "VP8",
    account: "no gaps",
    bytes: null,
    decoded: { video: figures, audio: figures, damaged: 2 },
    serverPercent: { server: 10, application: delayMs },
    browserPercent: 50,
    sourceLatenessMs: [0.5],
  };
}

describe("summaryOf", () => {
  it("is the median of the rounds, not of their samples", () => {
    const { decoded, serverPercent } = summaryOf([session(20, 100), session(30, 200), session(90, 900)]);
    expect(decoded?.video).toMatchObject({ p50Ms: 30, p95Ms: 80, droppedShare: 0.1 });
    expect(decoded?.video.cuts.silence).toEqual({ lostMs: 5_000, frozenMs: 4_000, backAfterMs: 200 });
    expect(serverPercent).toEqual({ server: 10, application: 30 });
  });

  it("says that what did not come back in most rounds did not come back", () => {
    const { decoded } = summaryOf([session(20, null), session(20, 100), session(20, null)]);
    expect(decoded?.audio.cuts.silence?.backAfterMs).toBeNull();
  });
});

describe("markdownOf", () => {
  const report = markdownOf({
    command: "npm run bench:peers",
    startedAt: "2026-11-29T02:00:00.000Z",
    machine: { cpu: "A", cores: 2, kernel: "6", chromium: "156", node: "24", versions: { aiortc: "1" } },
    loads: [1, 3, 2],
    method: ["How."],
    recoveryMs: 6_000,
    peers: { aiortc: summaryOf([session(20, null)]) },
    notRun: [{ name: "LiveKit", reason: "Go is not here." }],
  });

  it("names every place of measurement with its figures, and what never came back", () => {
    expect(report).toMatch(/\| aiortc, decoded +\| 20 +\| 70 /);
    expect(report).toMatch(/\| aiortc, decoded +\| 5\.00 +\| 4\.00 +\| not within 6 /);
    expect(report).toMatch(/\| aiortc +\| 30 % +\| server 10 %, application 20 % \| 50 %/);
    expect(report).toContain("aiortc, its own account of round 1: no gaps.");
    expect(report).toContain("2 pictures of a session came damaged");
  });

  it("names what did not run, and why", () => {
    expect(report).toContain("Not run: LiveKit. Go is not here.");
  });
});
