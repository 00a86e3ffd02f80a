/**
 * The situations that the page can come into, each as what the session is told in it. No sentence of the page is
 * written here: all of them are made by the functions that make the product's.
 */

import type { Gap, InputState, LeftoverStream, SessionEvent, StreamKind, StreamStatus } from "twincast";
import { type Delivery, type SenderStatus, type SessionController, streamStatus } from "twincast/testing";
import { selfie, snow } from "@/components/mocks/camera";
import { sender } from "@/components/mocks/sender";
import { droppedTo, minute, wander } from "@/components/mocks/sources";
import { type FakeDevices, giveDevices, happen, report } from "./fake-session";

/** Brings the session into it. @returns what ends the devices. */
export type Situation = (session: SessionController) => () => void;

const videoRate = (s: number) => 178 + 22 * wander(s, 1);
const audioRate = (s: number) => 6.2 + 0.5 * wander(s, 2);
const videoDelay = (s: number) => 96 + 26 * wander(s, 3);
const audioDelay = (s: number) => 74 + 14 * wander(s, 4);

const AUDIO: SenderStatus = {
  ...sender,
  chunks: 7_602,
  bytes: 4_710_000,
  bytesPerSecond: 6_200,
  keptBytes: 640,
  rttMs: 29,
  delays: { medianMs: 74, p95Ms: 102 },
};
const FRESH: Partial<SenderStatus> = {
  chunks: 0,
  bytes: 0,
  bytesPerSecond: 0,
  keptChunks: 0,
  keptBytes: 0,
  keptMs: 0,
  behindMs: 0,
  rttMs: null,
  delays: null,
};
const OUTBOX_FULL: Gap = { from: 3_120, to: 3_151, ms: 3_200, reason: "outbox-full" };
const REFUSED: Delivery = {
  kind: "failed",
  code: "wrong-origin",
  message: "Pages from 'https://twincast.example.com' are not on this backend's ALLOWED_ORIGINS.",
};
const ELAPSED_MS = 760_000;

const becomes = (stream: StreamKind, before: StreamStatus, after: StreamStatus): SessionEvent => ({
  kind: "stream-changed",
  stream,
  before,
  after,
});

/** What differs from a session of twelve minutes on a good network. */
interface Differences {
  readonly devices?: FakeDevices;
  readonly video?: Partial<SenderStatus> | "absent";
  readonly audio?: Partial<SenderStatus> | "absent";
  readonly rates?: { readonly video?: readonly number[]; readonly audio?: readonly number[] };
}

function underWay(
  session: SessionController,
  { devices = { scene: selfie }, video, audio, rates }: Differences = {},
) {
  const end = giveDevices(session, devices);
  if (video === "absent") session.video.markAbsent();
  else {
    report(
      session.video,
      { ...sender, ...video },
      { ratesKBps: rates?.video ?? minute(videoRate), delaysMs: minute(videoDelay) },
    );
    session.video.droppedFrames.set(3);
    session.video.segment.set({
      mimeType: "video/webm;codecs=vp8",
      startedAt: 0,
      encoder: { name: "media-recorder", reason: "records WebM at 100 ms" },
      width: 720,
      height: 1280,
      frameRate: 30,
    });
  }
  if (audio === "absent") session.audio.markAbsent();
  else {
    report(
      session.audio,
      { ...AUDIO, ...audio },
      { ratesKBps: rates?.audio ?? minute(audioRate), delaysMs: minute(audioDelay) },
    );
    session.audio.segment.set({
      mimeType: "audio/webm;codecs=opus",
      startedAt: 0,
      encoder: { name: "media-recorder", reason: "records WebM at 100 ms" },
      sampleRate: 48_000,
      channels: 1,
    });
  }
  session.phase.set({ kind: "live", startedAt: session.now() - ELAPSED_MS });
  const hasAny = session.video.chunks.get() + session.audio.chunks.get() > 0;
  session.arrival.set(hasAny ? "acknowledged" : "nothing-yet");
  return end;
}

const CONNECTING: Differences = {
  video: { ...FRESH, keptMs: 12_400, keptBytes: 2_210_000, delivery: { kind: "connecting", attempt: 7 } },
  audio: { ...FRESH, keptMs: 12_400, keptBytes: 78_000, delivery: { kind: "connecting", attempt: 7 } },
  rates: { video: [0], audio: [0] },
};

const live =
  (differences?: Differences): Situation =>
  (session) =>
    underWay(session, differences);

const finished =
  (kind: "finishing" | "ended", differences: Differences, durationMs = ELAPSED_MS): Situation =>
  (session) => {
    const end = underWay(session, differences);
    session.phase.set({ kind, durationMs });
    return end;
  };

function endedBy(
  { chunks, bytes }: SenderStatus,
  { gaps = [], verified = true }: { gaps?: Gap[]; verified?: boolean } = {},
) {
  const result = { type: "ended" as const, chunks, bytes, gaps, verified, ranges: [] };
  return { delivery: { kind: "ended" as const, result }, gaps, keptBytes: 0, keptMs: 0 };
}

const nobody = () => () => {};

const interruptedByCall: InputState = { kind: "interrupted", cause: "call", needsTap: true };

/** What a page that is gone left: still to be sent, or verified. */
function leave(session: SessionController, kind: "sending" | "over"): void {
  const startedAt = session.now() - 900_000;
  const leftover = (stream: StreamKind, { bytes, chunks }: SenderStatus): LeftoverStream => ({
    stream,
    foundMs: 12_400,
    keptMs: kind === "over" ? 0 : 7_100,
    keptBytes: kind === "over" ? 0 : bytes / 100,
    status:
      kind === "over"
        ? { kind: "ended", chunks, bytes, gaps: [], verified: "all" }
        : { kind: "finishing", leftBytes: bytes / 100, totalBytes: bytes },
  });
  session.leftover.set({
    kind,
    startedAt,
    durationMs: 42_000,
    streams: [leftover("video", sender), leftover("audio", AUDIO)],
  });
}

export const situations = {
  welcome: nobody,
  welcomeBack: (session) => {
    leave(session, "sending");
    return () => {};
  },
  readyAndDelivered: (session) => {
    const end = giveDevices(session, { scene: selfie });
    session.phase.set({ kind: "ready" });
    leave(session, "over");
    return end;
  },
  liveBesideAnEarlier: (session) => {
    const end = underWay(session);
    leave(session, "sending");
    return end;
  },
  liveElsewhere: (session) => {
    session.leftover.set({ kind: "elsewhere" });
    return () => {};
  },
  backendSilent: (session) => {
    session.backend.set("silent");
    return () => {};
  },
  ready: (session) => {
    const end = giveDevices(session, { scene: selfie });
    session.phase.set({ kind: "ready" });
    return end;
  },
  readyWithoutCamera: (session) => {
    const end = giveDevices(session, { scene: null });
    session.video.markAbsent();
    session.phase.set({ kind: "ready" });
    return end;
  },
  connecting: (session) => {
    const connecting = { ...FRESH, delivery: { kind: "connecting", attempt: 1 } } as const;
    const end = underWay(session, {
      video: connecting,
      audio: connecting,
      rates: { video: [0], audio: [0] },
    });
    session.phase.set({ kind: "starting" });
    return end;
  },
  startingWithoutCamera: (session) => {
    const end = underWay(session, {
      devices: { scene: null },
      video: "absent",
      audio: { ...FRESH, delivery: { kind: "connecting", attempt: 1 } },
      rates: { audio: [0] },
    });
    session.phase.set({ kind: "starting" });
    return end;
  },
  notSentYet: (session) => {
    const end = underWay(session, CONNECTING);
    session.arrival.set("overdue");
    return end;
  },
  noLiveConnection: (session) => {
    const end = underWay(session, CONNECTING);
    session.arrival.set("overdue");
    session.backend.set("no-live-connection");
    return end;
  },
  addressFull: (session) => {
    const refusal = "This address has 50 sessions open; no more are taken now.";
    const refused = { ...FRESH, delivery: { kind: "connecting", attempt: 4, refusal } } as const;
    return underWay(session, { ...CONNECTING, video: refused, audio: refused });
  },
  readyBackendSilent: (session) => {
    const end = giveDevices(session, { scene: selfie });
    session.phase.set({ kind: "ready" });
    session.backend.set("silent");
    return end;
  },
  insecureAddress: (session) => {
    session.backend.set("refuses-origin");
    session.phase.set({ kind: "permission", state: { kind: "insecure-address" } });
    return () => {};
  },
  live: live(),
  snow: live({ devices: { scene: snow } }),
  torch: (session) => {
    const end = underWay(session, { devices: { scene: selfie, facing: "environment" } });
    session.devices.torch.set("on");
    return end;
  },
  muted: (session) => {
    const end = underWay(session);
    session.devices.muted.set(true);
    return end;
  },
  silent: (session) => {
    const end = underWay(session, { devices: { scene: selfie, isSilent: true } });
    session.devices.microphone.set({ kind: "silent" });
    happen(session, {
      kind: "device-changed",
      device: "microphone",
      before: { kind: "live" },
      after: { kind: "silent" },
    });
    return end;
  },
  videoReconnecting: (session) => {
    const cut = {
      delivery: { kind: "reconnecting", attempt: 3, retryAtMs: session.now() + 4_000 },
      bytesPerSecond: 0,
      keptBytes: 1_460_000,
      keptMs: 8_200,
      behindMs: 8_200,
    } as const;
    return underWay(session, { video: cut, rates: { video: droppedTo(videoRate, 0, 8) } });
  },
  restarting: (session) => {
    const end = underWay(session);
    session.video.status.set({ kind: "restarting", attempt: 1 });
    session.video.quality.set(null);
    happen(session, becomes("video", streamStatus(sender), session.video.status.get()));
    return end;
  },
  behind: live({
    video: { bytesPerSecond: 61_000, behindMs: 1_240, keptMs: 1_240, keptBytes: 221_000 },
    audio: { delays: { medianMs: 210, p95Ms: 390 } },
    rates: { video: droppedTo(videoRate, 61, 14) },
  }),
  offline: live({
    video: { delivery: { kind: "offline" }, bytesPerSecond: 0, keptMs: 42_000, keptBytes: 7_480_000 },
    audio: { delivery: { kind: "offline" }, bytesPerSecond: 0, keptMs: 42_000, keptBytes: 260_000 },
    rates: { video: droppedTo(videoRate, 0, 42), audio: droppedTo(audioRate, 0, 42) },
  }),
  audioOnly: live({ devices: { scene: null }, video: "absent" }),
  videoOnly: live({ devices: { scene: selfie, hasMicrophone: false }, audio: "absent" }),
  interrupted: (session) => {
    const end = underWay(session, {
      video: { bytesPerSecond: 0 },
      audio: { bytesPerSecond: 0 },
      rates: { video: droppedTo(videoRate, 0, 42), audio: droppedTo(audioRate, 0, 42) },
    });
    session.devices.camera.set(interruptedByCall);
    session.devices.microphone.set(interruptedByCall);
    return end;
  },
  finishing: finished("finishing", {
    video: { finishing: true, keptBytes: 1_240_000, bytes: 2_060_000 },
    audio: endedBy(AUDIO),
  }),
  finishingWhileCut: finished("finishing", {
    video: {
      delivery: { kind: "reconnecting", attempt: 3, retryAtMs: null },
      bytesPerSecond: 0,
      keptBytes: 150_000,
      keptMs: 8_100,
    },
    audio: endedBy(AUDIO),
    rates: { video: droppedTo(videoRate, 0, 8) },
  }),
  ended: finished("ended", { video: endedBy(sender), audio: endedBy(AUDIO) }),
  endedWithGap: finished("ended", { video: endedBy(sender, { gaps: [OUTBOX_FULL] }), audio: endedBy(AUDIO) }),
  endedPartlyVerified: finished("ended", {
    video: endedBy(sender, { verified: false }),
    audio: endedBy(AUDIO, { verified: false }),
  }),
  discarded: finished("ended", {
    video: { delivery: { kind: "abandoned" }, keptBytes: 1_240_000 },
    audio: endedBy(AUDIO),
  }),
  refused: finished(
    "ended",
    {
      video: { ...FRESH, delivery: REFUSED },
      audio: { ...FRESH, delivery: REFUSED },
      rates: { video: [], audio: [] },
    },
    1_200,
  ),
  manyNotifications: (session) => {
    const end = underWay(session, { video: { gaps: [OUTBOX_FULL] } });
    const missing = { gaps: 10, ms: 82_000 };
    happen(
      session,
      {
        kind: "device-changed",
        device: "camera",
        before: { kind: "live" },
        after: { kind: "interrupted", cause: "no-frames", needsTap: false },
      },
      becomes("video", streamStatus(sender), { kind: "restarting", attempt: 1 }),
      { kind: "gap", stream: "audio", gap: OUTBOX_FULL, missing },
      { kind: "gap", stream: "video", gap: OUTBOX_FULL, missing },
    );
    return end;
  },
  notifications: (session) => {
    const end = underWay(session, { video: { gaps: [OUTBOX_FULL] } });
    const reconnecting = {
      ...sender,
      delivery: { kind: "reconnecting", attempt: 3, retryAtMs: null },
    } as const;
    happen(
      session,
      { kind: "gap", stream: "video", gap: OUTBOX_FULL, missing: { gaps: 1, ms: OUTBOX_FULL.ms } },
      becomes("video", streamStatus(reconnecting), streamStatus(sender)),
    );
    return end;
  },
} satisfies Record<string, Situation>;

export type SituationName = keyof typeof situations;
