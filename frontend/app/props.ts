/**
 * From the session's states to the props of the components. The shapes are alike on purpose; what differs is said here.
 */

import {
  type Arrival,
  type BackendFinding,
  type BackendTrouble,
  type CaptureError,
  type InputState,
  outcomeOf,
  type SegmentInfo,
  type Sending,
  type Session,
  type SessionPhase,
  SILENCE_MS,
  type Source,
  type StreamOutcome,
  type StreamStatus,
} from "twincast";
import type { AudioVisualizerState } from "@/components/AudioVisualizer";
import type { StreamFigures } from "@/components/DetailsSheet";
import type { Phase, Upload } from "@/components/StreamControls";
import type { CaptureState } from "@/components/VideoCapture";

/** A microphone that needs a tap speaks through the preview too: there is one large button for both. */
export function captureState(
  camera: InputState,
  microphone: InputState,
  phase: SessionPhase["kind"],
): CaptureState {
  if (camera.kind !== "interrupted" && microphone.kind === "interrupted" && microphone.needsTap) {
    return { kind: "interrupted", device: "microphone", cause: microphone.cause, needsTap: true };
  }
  switch (camera.kind) {
    case "live":
    case "silent":
      return { kind: "live" };
    case "flipping":
      return { kind: "flipping" };
    case "missing":
      return { kind: "camera-missing", ...missing(phase, camera.error) };
    case "interrupted":
      return { kind: "interrupted", device: "camera", cause: camera.cause, needsTap: camera.needsTap };
    case "returning":
      return { kind: "interrupted", device: "camera", cause: camera.cause, needsTap: false };
  }
}

export function visualizerState(
  microphone: InputState,
  muted: boolean,
  phase: SessionPhase["kind"],
): AudioVisualizerState {
  switch (microphone.kind) {
    case "missing":
      return { kind: "microphone-missing", ...missing(phase, microphone.error) };
    case "interrupted":
    case "returning":
      return { kind: "interrupted", isAsked: microphone.cause === "asking" };
    case "silent":
      return { kind: "silent", forMs: SILENCE_MS };
    case "live":
    case "flipping":
      return { kind: muted ? "muted" : "listening" };
  }
}

/** A session that runs goes on without the device. */
function missing(phase: SessionPhase["kind"], error: CaptureError | undefined) {
  return { canTry: phase === "ready", sending: SENDING[phase], ...(error && { error }) };
}

const SENDING: Readonly<Record<SessionPhase["kind"], Sending>> = {
  permission: "not-yet",
  ready: "not-yet",
  starting: "not-yet",
  live: "now",
  finishing: "no-more",
  ended: "no-more",
};

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

/** A stream that is shown in a summary has ended; if one has not, that is said. */
export function summaryOf(status: StreamStatus): StreamOutcome {
  return outcomeOf(status) ?? { kind: "failed", code: "unfinished", message: "The stream has not ended." };
}

/** What of a stream is recorded and not acknowledged. */
export interface Unsent {
  readonly status: StreamStatus;
  readonly keptBytes: number;
  readonly keptMs: number;
  readonly acknowledgedBytes: number;
}

export function controlsPhase(
  phase: Exclude<SessionPhase, { kind: "permission" }>,
  streams: readonly Unsent[],
): Phase {
  switch (phase.kind) {
    case "ready":
    case "starting":
    case "live":
    case "ended":
      return { kind: phase.kind };
    case "finishing":
      return { kind: "finishing", ...uploadOf(streams) };
  }
}

/** Nothing is called sent before it is, in either stream: one without a connection decides. */
function uploadOf(streams: readonly Unsent[]): Upload {
  const leftBytes = streams.reduce((sum, { keptBytes }) => sum + keptBytes, 0);
  const sentBytes = streams.reduce((sum, { acknowledgedBytes }) => sum + acknowledgedBytes, 0);
  const states = streams.map(({ status }) => uploadState(status));
  if (states.includes("waiting")) {
    return { upload: "waiting", leftBytes, leftMs: Math.max(0, ...streams.map(({ keptMs }) => keptMs)) };
  }
  if (states.includes("ending")) return { upload: "ending" };
  return { upload: "sending", leftBytes, totalBytes: leftBytes + sentBytes };
}

function uploadState(status: StreamStatus): Upload["upload"] {
  switch (status.kind) {
    case "connecting":
    case "reconnecting":
    case "offline":
    case "restarting":
      return "waiting";
    case "idle":
    case "live":
    case "behind":
    case "no-media":
      return "ending";
    case "finishing":
    case "ended":
    case "failed":
    case "discarded":
    case "absent":
      return "sending";
  }
}

/** Why nothing arrives, as far as it is known; null where it does, or where it is too early to say. */
export function troubleOf(
  phase: SessionPhase["kind"],
  arrival: Arrival,
  finding: BackendFinding | null,
  statuses: readonly StreamStatus[],
): BackendTrouble | null {
  if (phase === "permission" || phase === "ended") return null;
  const refusal = statuses.find((status) => "refusal" in status && status.refusal !== undefined);
  if (refusal && "refusal" in refusal && refusal.refusal !== undefined) {
    return { kind: "refused", message: refusal.refusal };
  }
  if (arrival === "acknowledged" && phase !== "ready") return null;
  if (finding !== null && finding !== "answers") return { kind: finding };
  return arrival === "overdue" && phase !== "ready" ? { kind: "trying" } : null;
}

const TICK_MS = 250;

/** Time since Start, ticking for as long as somebody looks. */
export function elapsedSource(session: Session): Source<number> {
  return {
    get: () => {
      const phase = session.phase.get();
      switch (phase.kind) {
        case "live":
          return session.now() - phase.startedAt;
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
