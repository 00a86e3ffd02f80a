import type { DemoPageProps } from "./DemoPage";
import { droppedSeries, fixed, moving, wander } from "./sources";

const videoRate = (s: number) => 178 + 22 * wander(s, 1);
const audioRate = (s: number) => 6.2 + 0.5 * wander(s, 2);

const live: DemoPageProps = {
  capture: { kind: "live" },
  video: { kind: "live", delayMs: 96 },
  audio: { kind: "live", delayMs: 74 },
  quality: { level: "excellent", reason: "96 ms delay" },
  sound: { kind: "listening" },
  phase: { kind: "live" },
  elapsedMs: moving((s) => 700_000 + s * 1000),
  rateKBps: {
    video: moving(videoRate, 1000),
    audio: moving(audioRate, 1000),
  },
};

const ready: DemoPageProps = {
  ...live,
  video: { kind: "idle" },
  audio: { kind: "idle" },
  phase: { kind: "ready" },
};

const wholeVideo = { kind: "ended", chunks: 7601, bytes: 135_400_000, gaps: [], verified: "all" } as const;
const wholeAudio = { kind: "ended", chunks: 7602, bytes: 4_710_000, gaps: [], verified: "all" } as const;
const gaps = [{ from: 3120, to: 3151, ms: 3200, reason: "outbox-full" }] as const;

export const situations = {
  welcome: { ...ready, gate: { kind: "before-asking" } },
  backendSilent: { ...ready, gate: { kind: "before-asking" }, backendProblem: { kind: "silent" } },
  ready,
  connecting: {
    ...ready,
    video: { kind: "connecting", attempt: 1 },
    audio: { kind: "connecting", attempt: 1 },
    phase: { kind: "starting" },
  },
  live,
  snow: { ...live, scene: "snow" },
  backCamera: { ...live, mirrored: false, torch: "on" },
  muted: { ...live, sound: { kind: "muted" } },
  videoReconnecting: {
    ...live,
    video: { kind: "reconnecting", attempt: 3, retryAtMs: Date.UTC(2026, 10, 22, 18, 30, 4), keptMs: 8_200 },
    quality: { level: "lost", reason: "video: no answer for 8.2 s" },
    rateKBps: { video: fixed(0), audio: live.rateKBps.audio },
    rateSeries: { video: droppedSeries(videoRate, 0, 8) },
  },
  behind: {
    ...live,
    video: { kind: "behind", behindMs: 1_240 },
    audio: { kind: "live", delayMs: 210 },
    quality: { level: "poor", reason: "uplink slow, 1.2 s behind" },
    rateKBps: { video: fixed(61), audio: live.rateKBps.audio },
    rateSeries: { video: droppedSeries(videoRate, 61, 14) },
  },
  offline: {
    ...live,
    video: { kind: "offline", keptMs: 42_000 },
    audio: { kind: "offline", keptMs: 42_000 },
    quality: { level: "lost", reason: "this phone has no network" },
    rateKBps: { video: fixed(0), audio: fixed(0) },
    rateSeries: { video: droppedSeries(videoRate, 0, 42), audio: droppedSeries(audioRate, 0, 42) },
  },
  audioOnly: { ...live, capture: { kind: "camera-missing" }, video: { kind: "absent" } },
  interrupted: {
    ...live,
    capture: { kind: "interrupted", cause: "call", needsTap: true },
    sound: { kind: "interrupted" },
    quality: { level: "lost", reason: "camera and microphone are taken" },
    rateKBps: { video: fixed(0), audio: fixed(0) },
    rateSeries: { video: droppedSeries(videoRate, 0, 42), audio: droppedSeries(audioRate, 0, 42) },
  },
  finishing: {
    ...live,
    video: { kind: "finishing", leftBytes: 1_240_000, totalBytes: 3_300_000 },
    audio: wholeAudio,
    phase: { kind: "finishing", leftBytes: 1_240_000, totalBytes: 3_300_000 },
  },
  ended: {
    ...live,
    video: wholeVideo,
    audio: wholeAudio,
    phase: { kind: "ended" },
    summary: {
      durationMs: 760_000,
      streams: [
        { stream: "video", ...wholeVideo },
        { stream: "audio", ...wholeAudio },
      ],
    },
  },
  endedWithGaps: {
    ...live,
    video: { ...wholeVideo, gaps },
    audio: wholeAudio,
    phase: { kind: "ended" },
    summary: {
      durationMs: 760_000,
      streams: [
        { stream: "video", ...wholeVideo, gaps },
        { stream: "audio", ...wholeAudio },
      ],
    },
  },
  refused: {
    ...live,
    video: { kind: "failed", code: "wrong-origin", message: "The backend does not know this page." },
    audio: { kind: "failed", code: "wrong-origin", message: "The backend does not know this page." },
    phase: { kind: "ended" },
    summary: {
      durationMs: 1_200,
      streams: [
        {
          stream: "video",
          kind: "failed",
          code: "wrong-origin",
          message: "The backend does not know this page.",
        },
        {
          stream: "audio",
          kind: "failed",
          code: "wrong-origin",
          message: "The backend does not know this page.",
        },
      ],
    },
  },
  withToast: {
    ...live,
    toasts: [
      { id: "back", tone: "good", title: "Video is back", detail: "8.2 s were kept and are sent now." },
      {
        id: "gap",
        tone: "problem",
        title: "3.2 s of video are lost",
        detail: "This phone could keep no more.",
      },
    ],
  },
} satisfies Record<string, DemoPageProps>;
