import { useState } from "react";
import { AudioVisualizer } from "../AudioVisualizer";
import type { AudioVisualizerState } from "../AudioVisualizer/types";
import { BackendNotice } from "../BackendNotice";
import type { BackendProblem } from "../BackendNotice/types";
import { ConnectionBadge } from "../ConnectionBadge";
import type { ConnectionStatus } from "../ConnectionBadge/types";
import { DataRate } from "../DataRate";
import { DetailsPanel, DetailsSheet } from "../DetailsSheet";
import { Duration } from "../Duration";
import { PermissionGate } from "../PermissionGate";
import type { PermissionState } from "../PermissionGate/types";
import { Quality } from "../Quality";
import type { QualityProps } from "../Quality/types";
import { SessionSummary } from "../SessionSummary";
import type { SessionSummaryProps } from "../SessionSummary/types";
import { StreamControls } from "../StreamControls";
import type { Phase, Torch } from "../StreamControls/types";
import { StreamScreen } from "../StreamScreen";
import type { Source } from "../shared/source";
import { Toasts } from "../Toasts";
import type { ToastMessage } from "../Toasts/types";
import { VideoCapture } from "../VideoCapture";
import type { CaptureState } from "../VideoCapture/types";
import { selfie, snow } from "./camera";
import { audioFigures, settings, videoFigures } from "./figures";
import { mockMicrophone, speech } from "./microphone";
import { fixed } from "./sources";
import { useMockCamera } from "./useMockCamera";

/** One situation of the whole page, as data. */
export type DemoPageProps = {
  gate?: PermissionState;
  backendProblem?: BackendProblem;
  scene?: "selfie" | "snow";
  mirrored?: boolean;
  capture: CaptureState;
  video: ConnectionStatus;
  audio: ConnectionStatus;
  quality?: QualityProps;
  sound: AudioVisualizerState;
  phase: Phase;
  torch?: Torch;
  elapsedMs: number | Source<number>;
  rateKBps: { video: Source<number>; audio: Source<number> };
  rateSeries?: { video?: Source<readonly number[]>; audio?: Source<readonly number[]> };
  summary?: SessionSummaryProps;
  toasts?: readonly ToastMessage[];
  detailsOpen?: boolean;
};

const NOW = Date.UTC(2026, 10, 22, 18, 30);
const now = () => NOW;
const microphone = mockMicrophone(speech);
const nothing = () => {};

export function DemoPage(props: DemoPageProps) {
  const stream = useMockCamera(props.scene === "snow" ? snow : selfie);
  const [detailsOpen, setDetailsOpen] = useState(props.detailsOpen ?? false);
  const [toasts, setToasts] = useState(props.toasts ?? []);
  const [muted, setMuted] = useState(props.sound.kind === "muted");
  if (props.gate)
    return (
      <StreamScreen
        gate={
          <>
            {props.backendProblem && (
              <BackendNotice
                problem={props.backendProblem}
                address="https://twincast.example.com"
                onRetry={nothing}
              />
            )}
            <PermissionGate
              state={props.gate}
              platform="ios-safari"
              host="twincast.example.com"
              onAsk={nothing}
              onCopyLink={nothing}
            />
          </>
        }
      />
    );
  const { phase, capture, video, audio } = props;
  const underWay = phase.kind === "live";
  const recording = underWay;
  const figures = (status: ConnectionStatus, of: typeof videoFigures) => ({
    ...of,
    status,
    quality:
      underWay && status.kind !== "absent"
        ? of.stream === "video" && props.quality
          ? props.quality
          : of.quality
        : null,
    ...(underWay
      ? {}
      : {
          rateKBps: fixed(0),
          rateSeries: fixed([]),
          delayMs: fixed(null),
          delaySeries: fixed([]),
          keptBytes: fixed(0),
          chunks: fixed(0),
        }),
  });
  const details = {
    streams: [figures(video, videoFigures), figures(audio, audioFigures)],
    settings: {
      ...settings,
      cameraId: props.mirrored === false ? "back" : "front",
    },
    onPreset: nothing,
    onCadence: nothing,
    onCamera: nothing,
    onMicrophone: nothing,
  };
  return (
    <StreamScreen
      preview={
        <VideoCapture
          state={capture}
          stream={capture.kind === "camera-missing" ? null : stream}
          mirrored={props.mirrored ?? true}
          onResume={nothing}
        />
      }
      badges={
        <>
          <ConnectionBadge stream="video" status={video} nowMs={now} />
          <ConnectionBadge stream="audio" status={audio} nowMs={now} />
        </>
      }
      status={
        underWay && (
          <>
            <Duration elapsedMs={props.elapsedMs} recording={recording} />
            {props.quality && <Quality {...props.quality} />}
          </>
        )
      }
      meters={
        phase.kind !== "ended" &&
        phase.kind !== "finishing" && (
          <>
            <AudioVisualizer source={microphone} state={muted ? { kind: "muted" } : props.sound} />
            {underWay && (
              <>
                {video.kind !== "absent" && (
                  <DataRate
                    stream="video"
                    source={props.rateKBps.video}
                    series={props.rateSeries?.video ?? videoFigures.rateSeries}
                  />
                )}
                {audio.kind !== "absent" && (
                  <DataRate
                    stream="audio"
                    source={props.rateKBps.audio}
                    series={props.rateSeries?.audio ?? audioFigures.rateSeries}
                  />
                )}
              </>
            )}
          </>
        )
      }
      controls={
        <StreamControls
          phase={phase}
          muted={muted}
          canFlip={video.kind !== "absent"}
          canMute={audio.kind !== "absent"}
          torch={props.torch ?? "none"}
          onStart={nothing}
          onStop={nothing}
          onToggleMute={() => setMuted(!muted)}
          onFlip={nothing}
          onToggleTorch={nothing}
          onOpenDetails={() => setDetailsOpen(true)}
          onDiscard={nothing}
          onAgain={nothing}
        />
      }
      cover={props.summary && <SessionSummary {...props.summary} />}
      panel={<DetailsPanel {...details} />}
    >
      <DetailsSheet {...details} open={detailsOpen} onClose={() => setDetailsOpen(false)} />
      <Toasts
        toasts={toasts}
        onDismiss={(id) => setToasts((shown) => shown.filter((toast) => toast.id !== id))}
        durationMs={Number.POSITIVE_INFINITY}
      />
    </StreamScreen>
  );
}
