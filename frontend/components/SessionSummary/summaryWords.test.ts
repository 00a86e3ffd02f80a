import { describe, expect, it } from "vitest";
import { verdictOf } from "./summaryWords";
import type { StreamResult } from "./types";

const whole = { kind: "ended", chunks: 10, bytes: 1000, gaps: [], verified: "all" } as const;
const video: StreamResult = { stream: "video", ...whole };
const audio: StreamResult = { stream: "audio", ...whole };
const gap = { from: 3, to: 5, ms: 1400, reason: "outbox-full" } as const;

describe("the verdict on a session", () => {
  it("says that everything arrived only when every byte was compared", () => {
    expect(verdictOf([video, audio])).toMatchObject({ title: "Everything arrived", tone: "good" });
    expect(verdictOf([video, { ...audio, ...whole, verified: "partly" }]).title).not.toBe(
      "Everything arrived",
    );
  });

  it("adds up what is missing over both streams", () => {
    const verdict = verdictOf([
      { stream: "video", ...whole, gaps: [gap, gap] },
      { stream: "audio", ...whole, gaps: [gap] },
    ]);
    expect(verdict.tone).toBe("warn");
    expect(verdict.lead).toContain("4.2\u00a0s");
  });

  it("lets the worst stream decide", () => {
    const mismatch: StreamResult = { stream: "audio", ...whole, gaps: [gap], verified: "mismatch" };
    const failed: StreamResult = {
      stream: "video",
      kind: "failed",
      code: "sink-failed",
      message: "No disk.",
    };
    expect(verdictOf([failed, mismatch]).title).toBe("The backend has other bytes");
    expect(verdictOf([failed, audio]).tone).toBe("problem");
    expect(verdictOf([{ stream: "video", kind: "discarded", leftBytes: 9 }, audio]).tone).toBe("warn");
  });

  it("calls nothing that was sent nothing, and not everything", () => {
    const nothing = { ...whole, chunks: 0, bytes: 0 };
    const absent: StreamResult = { stream: "audio", kind: "absent" };
    expect(verdictOf([{ stream: "video", ...nothing }, absent]).title).toBe("Nothing was sent");
    expect(verdictOf([{ stream: "video", ...nothing }, audio]).title).toBe("Everything arrived");
    expect(verdictOf([{ stream: "video", ...nothing, gaps: [gap] }, absent]).title).toBe(
      "Arrived, with gaps",
    );
  });

  it("does not hold a missing camera against the session", () => {
    expect(verdictOf([{ stream: "video", kind: "absent" }, audio]).tone).toBe("good");
  });
});
