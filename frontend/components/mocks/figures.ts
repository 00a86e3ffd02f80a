import type { StreamFigures, StreamSettings } from "../DetailsSheet/types";
import { fixed, moving, movingSeries, wander } from "./sources";

const videoRate = (s: number) => 178 + 22 * wander(s, 1);
const audioRate = (s: number) => 6.2 + 0.5 * wander(s, 2);
const videoDelay = (s: number) => 96 + 26 * wander(s, 3);
const audioDelay = (s: number) => 74 + 14 * wander(s, 4);

/** A session on a good network, as a phone's front camera gives it. */
export const videoFigures: StreamFigures = {
  stream: "video",
  status: { kind: "live", delayMs: 96 },
  quality: { level: "excellent", cause: { kind: "round-trip", ms: 31 } },
  rateKBps: moving(videoRate),
  rateSeries: movingSeries(videoRate),
  delayMs: moving(videoDelay),
  delaySeries: movingSeries(videoDelay),
  keptBytes: moving((s) => 18_400 + 6_000 * wander(s * 3, 5)),
  storage: "idle",
  roundTripMs: fixed(31),
  chunks: moving((s) => Math.floor(s * 10)),
  gaps: fixed(0),
  delayP95Ms: fixed(131),
  droppedFrames: fixed(3),
  encoder: {
    name: "media-recorder",
    reason: "records WebM at 100 ms",
    mimeType: "video/webm;codecs=vp8",
    format: "720 × 1280, 30 fps",
  },
};

export const audioFigures: StreamFigures = {
  stream: "audio",
  status: { kind: "live", delayMs: 74 },
  quality: { level: "excellent", cause: { kind: "round-trip", ms: 29 } },
  rateKBps: moving(audioRate),
  rateSeries: movingSeries(audioRate),
  delayMs: moving(audioDelay),
  delaySeries: movingSeries(audioDelay),
  keptBytes: moving((s) => 640 + 200 * wander(s * 3, 6)),
  storage: "idle",
  roundTripMs: fixed(29),
  chunks: moving((s) => Math.floor(s * 10)),
  gaps: fixed(0),
  delayP95Ms: fixed(102),
  droppedFrames: null,
  encoder: {
    name: "media-recorder",
    reason: "records WebM at 100 ms",
    mimeType: "audio/webm;codecs=opus",
    format: "48 kHz, mono",
  },
};

export const settings: StreamSettings = {
  preset: "balanced",
  cadence: "chunks",
  cameras: [
    { deviceId: "front", label: "Front camera" },
    { deviceId: "back", label: "Back camera" },
    { deviceId: "wide", label: "Back ultra wide camera" },
  ],
  microphones: [
    { deviceId: "built-in", label: "iPhone microphone" },
    { deviceId: "headset", label: "AirPods Pro" },
  ],
  cameraId: "front",
  microphoneId: "built-in",
  locked: false,
};
