/**
 * From the session's states to what the components take. The shapes are alike on purpose; what differs is said here.
 */

import type { AudioVisualizerState } from "@/components/AudioVisualizer";
import type { ConnectionStatus } from "@/components/ConnectionBadge";
import type { StreamFigures } from "@/components/DetailsSheet";
import type { StreamOutcome } from "@/components/SessionSummary";
import type { Phase } from "@/components/StreamControls";
import type { CaptureState } from "@/components/VideoCapture";
import { systemClock } from "@/lib/clock";
import type { Session, SessionPhase } from "@/lib/session/session";
import type { DeviceState } from "@/lib/session/session-devices";
import { type InterruptionCause, SILENCE_MS } from "@/lib/session/session-devices";
import type { Source } from "@/lib/session/store";
import type { SegmentInfo } from "@/lib/session/stream-session";
import type { StreamStatus } from "@/lib/session/stream-status";

export function badgeStatus(status: StreamStatus): ConnectionStatus {
  return status.kind === "discarded"
    ? { kind: "failed", code: "discarded", message: "The rest was discarded." }
    : status;
}

/** A microphone that needs a tap speaks through the preview too: there is one large button for both. */
export function captureState(camera: DeviceState, microphone: DeviceState): CaptureState {
  if (camera.kind !== "interrupted" && microphone.kind === "interrupted" && microphone.needsTap) {
    return { kind: "interrupted", cause: videoCause(microphone.cause), needsTap: true };
  }
  switch (camera.kind) {
    case "live":
    case "silent":
      return { kind: "live" };
    case "flipping":
      return { kind: "flipping" };
    case "missing":
      return { kind: "camera-missing" };
    case "interrupted":
      return { kind: "interrupted", cause: videoCause(camera.cause), needsTap: camera.needsTap };
    case "returning":
      return { kind: "interrupted", cause: videoCause(camera.cause), needsTap: false };
  }
}

function videoCause(cause: InterruptionCause): Extract<CaptureState, { kind: "interrupted" }>["cause"] {
  return cause === "no-audio" ? "call" : cause;
}

export function visualizerState(microphone: DeviceState, muted: boolean): AudioVisualizerState {
  switch (microphone.kind) {
    case "missing":
      return { kind: "microphone-missing" };
    case "interrupted":
    case "returning":
      return { kind: "interrupted" };
    case "silent":
      return { kind: "silent", forMs: SILENCE_MS };
    case "live":
    case "flipping":
      return { kind: muted ? "muted" : "listening" };
  }
}

export function encoderFigures(segment: SegmentInfo | null): StreamFigures["encoder"] {
  if (!segment) return null;
  const { encoder, mimeType, width, height, frameRate, sampleRate, channels } = segment;
  const picture = width && height ? `${width} × ${height}` : null;
  const pace = frameRate ? `${Math.round(frameRate)} fps` : null;
  const rate = sampleRate ? `${sampleRate / 1_000} kHz` : null;
  const voices = channels ? (channels === 1 ? "mono" : `${channels} channels`) : null;
  return {
    ...encoder,
    mimeType,
    format: [picture, pace, rate, voices].filter(Boolean).join(", ") || "not known yet",
  };
}

export function outcomeOf(status: StreamStatus): DistributiveOmit<StreamOutcome, "stream"> {
  switch (status.kind) {
    case "ended":
    case "failed":
    case "discarded":
    case "absent":
      return status;
    case "idle":
    case "connecting":
    case "live":
    case "behind":
    case "reconnecting":
    case "offline":
    case "restarting":
    case "finishing":
      return { kind: "failed", code: "unfinished", message: "The stream has not ended." };
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

export function controlsPhase(phase: SessionPhase, statuses: readonly StreamStatus[]): Phase {
  switch (phase.kind) {
    case "permission":
      return { kind: "disabled", reason: "Allow camera and microphone first." };
    case "ready":
    case "starting":
    case "live":
    case "ended":
      return { kind: phase.kind };
    case "finishing": {
      const finishing = statuses.filter((status) => status.kind === "finishing");
      return {
        kind: "finishing",
        leftBytes: finishing.reduce((sum, status) => sum + status.leftBytes, 0),
        totalBytes: finishing.reduce((sum, status) => sum + status.totalBytes, 0),
      };
    }
  }
}

const TICK_MS = 250;

/** Time since Start, ticking for as long as somebody looks. */
export function elapsedSource(session: Session): Source<number> {
  return {
    get: () => {
      const phase = session.phase.get();
      switch (phase.kind) {
        case "live":
          return systemClock.now() - phase.startedAt;
        case "finishing":
        case "ended":
          return phase.durationMs;
        case "permission":
        case "ready":
        case "starting":
          return 0;
      }
    },
    subscribe: (listener) => {
      const timer = setInterval(listener, TICK_MS);
      return () => clearInterval(timer);
    },
  };
}
