import { describe, expect, it } from "vitest";
import type { SenderStatus } from "../transport";
import { streamQuality, streamStatus } from "./stream-status";

const PATH = {
  openForMs: 60_000,
  wayMs: 120,
  lateMs: 0,
  silentMs: 0,
  ackedBytes: 1_000,
  producedBytes: 1_000,
  keptBytes: 0,
};

const sender = (changes: Partial<SenderStatus>): SenderStatus => ({
  delivery: { kind: "live" },
  finishing: false,
  storage: "none",
  producedTo: null,
  chunks: 10,
  bytes: 1_000,
  bytesPerSecond: 1_000,
  keptChunks: 0,
  keptBytes: 0,
  keptMs: 0,
  behindMs: 0,
  rttMs: 20,
  offsetMs: 0,
  delays: { medianMs: 80, p95Ms: 120 },
  path: PATH,
  gaps: [],
  reconnects: 0,
  viewers: 0,
  ...changes,
});
const ended = (verified: boolean, states: ("verified" | "mismatch" | "unknown")[]) =>
  sender({
    delivery: {
      kind: "ended",
      result: {
        type: "ended",
        chunks: 1,
        bytes: 1,
        gaps: [],
        verified,
        ranges: states.map((state) => ({ segment: 0, from: 0, state })),
      },
    },
  });

describe("a stream's status", () => {
  it("is live with the measured delay, and behind when acknowledgements are late", () => {
    expect(streamStatus(sender({}))).toEqual({ kind: "live", delayMs: 80 });
    expect(streamStatus(sender({ delays: null }))).toEqual({ kind: "live", delayMs: null });
    expect(streamStatus(sender({ behindMs: 1_200 }))).toEqual({ kind: "behind", behindMs: 1_200 });
  });

  it("counts down what is left after Stop", () => {
    expect(streamStatus(sender({ finishing: true, keptBytes: 3_000 }))).toEqual({
      kind: "finishing",
      leftBytes: 3_000,
      totalBytes: 4_000,
    });
  });

  it("calls verified only what the backend verified", () => {
    expect(streamStatus(ended(true, ["verified"]))).toMatchObject({ verified: "all" });
    expect(streamStatus(ended(false, ["unknown", "verified"]))).toMatchObject({ verified: "partly" });
    expect(streamStatus(ended(false, ["verified", "mismatch"]))).toMatchObject({ verified: "mismatch" });
  });
});

describe("quality", () => {
  it.each([
    [{ rttMs: 40 }, "excellent", { kind: "round-trip", ms: 40 }],
    [{ rttMs: 200 }, "good", { kind: "round-trip", ms: 200 }],
    [{ rttMs: 600 }, "poor", { kind: "round-trip", ms: 600 }],
    [{ rttMs: null }, "good", { kind: "measuring" }],
    [{ behindMs: 1_500 }, "good", { kind: "behind", behindMs: 1_500 }],
    [{ behindMs: 1_500, path: { ...PATH, wayMs: 900 } }, "excellent", { kind: "round-trip", ms: 20 }],
    [{ behindMs: 4_000 }, "poor", { kind: "behind", behindMs: 4_000 }],
    [{ delivery: { kind: "offline" } as const }, "lost", { kind: "offline" }],
    [{ delivery: { kind: "connecting", attempt: 0 } as const }, "good", { kind: "measuring" }],
    [
      { delivery: { kind: "connecting", attempt: 1 } as const, keptMs: 900 },
      "lost",
      { kind: "no-connection", keptMs: 900 },
    ],
    [
      { delivery: { kind: "reconnecting", attempt: 1, retryAtMs: null } as const, keptMs: 2_500 },
      "lost",
      { kind: "no-connection", keptMs: 2_500 },
    ],
  ])("of %o is %s because of %o", (changes, level, cause) => {
    expect(streamQuality(sender(changes))).toEqual({ level, cause });
  });

  it("names a picture that was made smaller, unless the path is behind even so", () => {
    const smaller = { kind: "smaller-picture", episode: 1 } as const;
    expect(streamQuality(sender({}), smaller)).toEqual({
      level: "poor",
      cause: { kind: "smaller-picture" },
    });
    expect(streamQuality(sender({}), { kind: "fewer-frames", episode: 0 }).level).toBe("good");
    expect(streamQuality(sender({ behindMs: 4_000 }), smaller).cause.kind).toBe("behind");
    expect(streamQuality(sender({ delivery: { kind: "offline" } }), smaller).level).toBe("lost");
  });
});
