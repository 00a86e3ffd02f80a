import type { SenderStatus } from "twincast/testing";

/** What the sender of a video stream reports after twelve minutes on a good network. */
export const sender: SenderStatus = {
  delivery: { kind: "live" },
  finishing: false,
  storage: "idle",
  producedTo: null,
  chunks: 7_601,
  bytes: 135_400_000,
  bytesPerSecond: 178_000,
  keptChunks: 1,
  keptBytes: 18_400,
  keptMs: 100,
  behindMs: 90,
  rttMs: 31,
  offsetMs: 0,
  delays: { medianMs: 96, p95Ms: 131 },
  path: {
    openForMs: 60_000,
    wayMs: 120,
    lateMs: 0,
    silentMs: 0,
    ackedBytes: 0,
    producedBytes: 0,
    keptBytes: 0,
  },
  gaps: [],
  reconnects: 0,
  viewers: 0,
};
