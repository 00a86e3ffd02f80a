import type { Gap, SessionPhase, StreamKind, StreamStatus } from "twincast";
import { SessionEvents, Store } from "twincast/testing";
import { describe, expect, it } from "vitest";
import { Announcer } from "./announcer";

const LIVE: StreamStatus = { kind: "live", delayMs: 80 };
const RECONNECTING: StreamStatus = { kind: "reconnecting", attempt: 1, retryAtMs: null, keptMs: 0 };

/** A session that runs, and the time, which passes when a test says so. */
function session() {
  let nowMs = 1_000;
  let waiting: { readonly atMs: number; readonly call: () => void }[] = [];
  const events = new SessionEvents();
  const phase = new Store<SessionPhase>({ kind: "live", startedAt: 0 });
  const status = { video: new Store<StreamStatus>(LIVE), audio: new Store<StreamStatus>(LIVE) };
  const announcer = new Announcer(
    {
      events,
      phase,
      now: () => nowMs,
      video: { status: status.video },
      audio: { status: status.audio },
    },
    (delayMs, call) => {
      const one = { atMs: nowMs + delayMs, call };
      waiting.push(one);
      return () => {
        waiting = waiting.filter((other) => other !== one);
      };
    },
  );
  const pass = (ms: number) => {
    nowMs += ms;
    const due = waiting.filter(({ atMs }) => atMs <= nowMs);
    waiting = waiting.filter(({ atMs }) => atMs > nowMs);
    for (const { call } of due) call();
  };
  const becomes = (stream: StreamKind, before: StreamStatus, after: StreamStatus) =>
    events.tell({ kind: "stream-changed", stream, before, after });
  const misses = (stream: StreamKind, gap: Gap, gaps = 1) =>
    events.tell({ kind: "gap", stream, gap, missing: { gaps, ms: gaps * gap.ms } });
  const titles = () => announcer.notifications.get().map(({ title }) => title);
  return { announcer, events, phase, status, pass, becomes, misses, titles };
}

const gap = (from: number, ms = 8_200): Gap => ({ from, to: from + 9, ms, reason: "outbox-full" });

describe("what a person is told", () => {
  it("is of a lost connection once, and of its return", () => {
    const { becomes, titles } = session();
    becomes("video", LIVE, RECONNECTING);
    becomes("video", RECONNECTING, { kind: "offline", keptMs: 0 });
    becomes("video", { kind: "offline", keptMs: 0 }, LIVE);
    expect(titles()).toEqual(["Video: connection lost", "Video: live again"]);
  });

  it("is told once where both streams have it to tell at the same time", () => {
    const { becomes, titles, pass } = session();
    for (const stream of ["video", "audio"] as const) becomes(stream, LIVE, RECONNECTING);
    pass(5_000);
    for (const stream of ["video", "audio"] as const) becomes(stream, RECONNECTING, LIVE);
    expect(titles()).toEqual(["Video and audio: connection lost", "Video and audio: live again"]);
  });

  it("is said in one breath, with a stop between title and detail", () => {
    const { announcer, becomes, pass } = session();
    const said: string[] = [];
    announcer.announcement.subscribe(() => said.push(announcer.announcement.get()?.message ?? ""));
    for (const stream of ["video", "audio"] as const) becomes(stream, LIVE, RECONNECTING);
    pass(1_000);
    expect(said).toEqual([expect.stringMatching(/^Video and audio: connection lost\. Keep recording\./)]);
  });

  it("is that the picture became smaller", () => {
    const { announcer, events } = session();
    events.tell({ kind: "smaller-picture" });
    expect(announcer.notifications.get()).toMatchObject([
      { title: "Sending a smaller picture: slow connection", urgency: "status" },
    ]);
  });

  it("counts a stream's gaps in one notification, and never piles up more than a few", () => {
    const { announcer, misses, becomes } = session();
    for (let nth = 0; nth < 10; nth++) {
      misses("video", gap(nth * 10), nth + 1);
      misses("audio", gap(nth * 10), nth + 1);
    }
    expect(announcer.notifications.get()).toMatchObject([
      { title: "Video: 82.0 s are missing in 10 gaps", detail: expect.stringContaining("chunks 90 to 99") },
      { title: "Audio: 82.0 s are missing in 10 gaps" },
    ]);
    for (let times = 0; times < 10; times++) {
      becomes("video", LIVE, RECONNECTING);
      becomes("video", RECONNECTING, LIVE);
    }
    expect(announcer.notifications.get().length).toBeLessThanOrEqual(4);
  });

  it("names a gap with the figures that the backend has, until it is dismissed", () => {
    const { announcer, misses } = session();
    misses("audio", { from: 10, to: 29, ms: 2_000, reason: "outbox-full" });
    expect(announcer.notifications.get()).toMatchObject([
      { title: "Audio: 2.0 s are missing", detail: expect.stringContaining("Chunks 10 to 29") },
    ]);
    announcer.dismiss(announcer.notifications.get()[0]?.id ?? "");
    expect(announcer.notifications.get()).toEqual([]);
  });

  it("is of a device that was interrupted, of one that could not be switched, and of no permission", () => {
    const { events, titles } = session();
    events.tell({
      kind: "device-changed",
      device: "microphone",
      before: { kind: "live" },
      after: { kind: "interrupted", cause: "call", needsTap: false },
    });
    events.tell({ kind: "device-kept", device: "camera", error: { kind: "in-use", device: "camera" } });
    events.tell({ kind: "not-permitted", message: "The backend does not answer." });
    expect(titles()).toEqual(["Microphone interrupted", "Camera not switched", "Streaming is not permitted"]);
  });

  it("ends with its session, of whatever kind it is", () => {
    const { announcer, events, phase, becomes, misses, pass, titles } = session();
    becomes("video", LIVE, RECONNECTING);
    misses("video", gap(0));
    announcer.tellCopied(true);
    expect(titles()).toHaveLength(3);
    const before = announcer.announcement.get();
    events.tell({ kind: "over" });
    pass(1_000);
    expect(titles()).toEqual([]);
    expect(announcer.announcement.get(), "what waited to be said").toBe(before);
    phase.set({ kind: "ended", durationMs: 1_000 });
    announcer.tellCopied(true);
    expect(titles(), "beside the summary").toEqual([]);
    phase.set({ kind: "ready" });
    announcer.tellCopied(true);
    expect(titles()).toEqual(["Link copied"]);
  });

  it("is that it streams when the backend has acknowledged something, and how it ended", () => {
    const { announcer, events, phase, status } = session();
    events.tell({ kind: "first-acknowledged" });
    expect(announcer.announcement.get()).toEqual({ message: "Streaming has started.", urgency: "status" });
    const refused = { kind: "failed", code: "wrong-origin", message: "not on the list" } as const;
    for (const stream of [status.video, status.audio]) stream.set(refused);
    phase.set({ kind: "ended", durationMs: 1_200 });
    expect(announcer.announcement.get()?.message).toBe(
      "The session was stopped. The backend takes no streams from this page.",
    );
  });
});
