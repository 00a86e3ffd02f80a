import type { StreamStatus } from "twincast";
import { describe, expect, it } from "vitest";
import { captureState, controlsPhase, troubleOf, type Unsent } from "./props";

const FINISHING = { kind: "finishing", durationMs: 5_000 } as const;
const CUT: StreamStatus = { kind: "reconnecting", attempt: 2, retryAtMs: null, keptMs: 8_100 };
const SENDING: StreamStatus = { kind: "finishing", leftBytes: 6_000, totalBytes: 100_000 };
const ENDED: StreamStatus = { kind: "ended", chunks: 9, bytes: 94_000, gaps: [], verified: "all" };

const unsent = (status: StreamStatus, keptBytes = 0, keptMs = 0, acknowledgedBytes = 0): Unsent => ({
  status,
  keptBytes,
  keptMs,
  acknowledgedBytes,
});

describe("a device that is missing", () => {
  it("says what will be sent, is, and was, and may be asked for on the ready screen", () => {
    const of = (phase: Parameters<typeof captureState>[2]) =>
      captureState({ kind: "missing" }, { kind: "live" }, phase);
    expect(of("ready")).toMatchObject({ sending: "not-yet", canTry: true });
    expect(of("starting")).toMatchObject({ sending: "not-yet", canTry: false });
    expect(of("live")).toMatchObject({ sending: "now", canTry: false });
    expect(of("finishing")).toMatchObject({ sending: "no-more", canTry: false });
    expect(of("ended")).toMatchObject({ sending: "no-more", canTry: false });
  });
});

describe("what is said after Stop", () => {
  it.each<StreamStatus>([
    CUT,
    { kind: "offline", keptMs: 8_100 },
    { kind: "connecting", attempt: 7 },
    { kind: "restarting", attempt: 1 },
  ])("is that the connection is waited for, with what both streams kept: %o", (status) => {
    const phase = controlsPhase(FINISHING, [
      unsent(status, 150_000, 8_100),
      unsent(SENDING, 6_000, 100, 94_000),
    ]);
    expect(phase).toEqual({ kind: "finishing", upload: "waiting", leftBytes: 156_000, leftMs: 8_100 });
  });

  it("is no share as long as an encoder gives its last", () => {
    const phase = controlsPhase(FINISHING, [unsent(ENDED), unsent({ kind: "live", delayMs: 90 })]);
    expect(phase).toEqual({ kind: "finishing", upload: "ending" });
  });

  it("is the share of both streams", () => {
    const phase = controlsPhase(FINISHING, [
      unsent(ENDED, 0, 0, 94_000),
      unsent(SENDING, 6_000, 100, 94_000),
    ]);
    expect(phase).toEqual({ kind: "finishing", upload: "sending", leftBytes: 6_000, totalBytes: 194_000 });
  });
});

describe("why nothing arrives", () => {
  const connecting: StreamStatus = { kind: "connecting", attempt: 3 };

  it("stands on the screen from the ready screen to the first acknowledgement", () => {
    expect(troubleOf("ready", "nothing-yet", "silent", [])).toEqual({ kind: "silent" });
    expect(troubleOf("live", "nothing-yet", "silent", [connecting])).toEqual({ kind: "silent" });
    expect(troubleOf("finishing", "overdue", "no-live-connection", [connecting])).toEqual({
      kind: "no-live-connection",
    });
    expect(troubleOf("live", "acknowledged", "silent", [CUT])).toBeNull();
    // The next session's screen does not believe the last one's acknowledgements.
    expect(troubleOf("ready", "acknowledged", "silent", [])).toEqual({ kind: "silent" });
  });

  it("is told apart from one that is not known yet", () => {
    expect(troubleOf("live", "nothing-yet", "answers", [connecting])).toBeNull();
    expect(troubleOf("live", "overdue", "answers", [connecting])).toEqual({ kind: "trying" });
    expect(troubleOf("ready", "overdue", "answers", [])).toBeNull();
  });

  it("is the backend's own sentence where it gave one", () => {
    const refusal = "This address has 50 sessions open; no more are taken now.";
    expect(troubleOf("live", "nothing-yet", "answers", [{ ...connecting, refusal }])).toEqual({
      kind: "refused",
      message: refusal,
    });
  });

  it("is over with the session", () => {
    expect(troubleOf("ended", "overdue", "silent", [])).toBeNull();
  });
});
