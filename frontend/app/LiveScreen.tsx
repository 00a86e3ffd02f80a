"use client";

import { type ReactNode, useState } from "react";
import { AudioVisualizer } from "@/components/AudioVisualizer";
import { BackendNotice } from "@/components/BackendNotice";
import { ConnectionBadge } from "@/components/ConnectionBadge";
import { DataRate } from "@/components/DataRate";
import {
  DetailsPanel,
  type DetailsPanelProps,
  DetailsSheet,
  type StreamFigures,
} from "@/components/DetailsSheet";
import { Duration } from "@/components/Duration";
import { Motion } from "@/components/Motion";
import { Quality } from "@/components/Quality";
import { SessionSummary } from "@/components/SessionSummary";
import { StreamControls } from "@/components/StreamControls";
import { StreamScreen } from "@/components/StreamScreen";
import { VideoCapture } from "@/components/VideoCapture";
import { WatchedBy } from "@/components/WatchedBy";
import type { Session, StreamSession } from "@/lib/session";
import { useSource } from "@/lib/session/use-source";
import { Earlier } from "./Earlier";
import styles from "./LiveScreen.module.css";
import { Notifications } from "./Notifications";
import {
  captureState,
  controlsPhase,
  elapsedSource,
  encoderFigures,
  summaryOf,
  troubleOf,
  type Unsent,
  visualizerState,
} from "./props";
import { ViewWatch } from "./ViewWatch";

export interface LiveScreenProps {
  readonly session: Session;
  /** Scheme and host of this page. */
  readonly pageOrigin: string;
  /** The person pressed something on the first screen, which is gone. */
  readonly takesFocus: boolean;
}

/** Everything after the permission: fetched while the person reads the first screen. */
export default function LiveScreen({ session, pageOrigin, takesFocus }: LiveScreenProps) {
  const phase = useSource(session.phase);
  const leftover = useSource(session.leftover);
  // The result of an earlier session stands where any other would, unless one runs.
  const showsEarlier = phase.kind === "ready" && leftover.kind === "over";
  const [detailsOpen, setDetailsOpen] = useState(false);
  return (
    <Motion>
      <StreamScreen
        preview={<Preview session={session} />}
        badges={<Badges session={session} />}
        status={phase.kind !== "ready" && phase.kind !== "ended" && <Status session={session} />}
        trouble={
          <>
            {!showsEarlier && phase.kind !== "ended" && <Earlier session={session} isStrip />}
            <Trouble session={session} pageOrigin={pageOrigin} />
          </>
        }
        notices={<Notifications session={session} isPrepared />}
        // Of a session that is over there is nothing to measure.
        meters={phase.kind !== "ended" && <Meters session={session} />}
        controls={
          <Controls session={session} takesFocus={takesFocus} onOpenDetails={() => setDetailsOpen(true)} />
        }
        cover={
          (phase.kind === "ended" && <Summary session={session} durationMs={phase.durationMs} />) ||
          (showsEarlier && <Earlier session={session} />)
        }
        panel={<Details session={session} render={(props) => <DetailsPanel {...props} />} />}
      >
        <ViewWatch />
        <Details
          session={session}
          render={(props) => (
            <DetailsSheet {...props} open={detailsOpen} onClose={() => setDetailsOpen(false)} />
          )}
        />
      </StreamScreen>
    </Motion>
  );
}

function Preview({ session }: { session: Session }) {
  const { kind } = useSource(session.phase);
  const media = useSource(session.devices.media);
  const camera = useSource(session.devices.camera);
  const microphone = useSource(session.devices.microphone);
  if (!media) return null;
  return (
    <VideoCapture
      state={captureState(camera, microphone, kind)}
      stream={media.preview}
      mirrored={media.facing === "user"}
      onResume={() => session.devices.retry()}
      onElement={session.devices.setPreviewElement}
    />
  );
}

function Badges({ session }: { session: Session }) {
  const video = useSource(session.video.status);
  const audio = useSource(session.audio.status);
  return (
    <>
      <ConnectionBadge stream="video" status={video} nowMs={session.now} />
      <ConnectionBadge stream="audio" status={audio} nowMs={session.now} />
    </>
  );
}

/** The person is to know that somebody looks on. */
function Viewers({ session }: { session: Session }) {
  const video = useSource(session.video.viewers);
  const audio = useSource(session.audio.viewers);
  // Who watches a phone has a connection for each of its streams.
  return <WatchedBy viewers={Math.max(video, audio)} />;
}

function Trouble({ session, pageOrigin }: { session: Session; pageOrigin: string }) {
  const { kind } = useSource(session.phase);
  const statuses = [useSource(session.video.status), useSource(session.audio.status)];
  const trouble = troubleOf(kind, useSource(session.arrival), useSource(session.backend), statuses);
  if (!trouble) return null;
  const { origin, healthUrl } = session.address;
  return (
    <BackendNotice
      trouble={trouble}
      address={origin}
      healthUrl={healthUrl}
      pageOrigin={pageOrigin}
      isStrip
      onRetry={() => void session.lookForBackend()}
    />
  );
}

function Status({ session }: { session: Session }) {
  const [elapsedMs] = useState(() => elapsedSource(session));
  const { kind } = useSource(session.phase);
  const recording = kind === "live";
  const arrival = useSource(session.arrival);
  const video = useSource(session.video.quality);
  const audio = useSource(session.audio.quality);
  const quality = worse(video, audio);
  if (arrival !== "acknowledged") {
    return <NotSentYet words={kind === "finishing" ? "Not sent yet" : "Connecting, not sent yet"} />;
  }
  return (
    <>
      <Duration elapsedMs={elapsedMs} recording={recording} />
      {quality && <Quality {...quality} />}
      <Viewers session={session} />
    </>
  );
}

/** In the clock's place: what runs before the backend has anything is no session yet. */
function NotSentYet({ words }: { words: string }) {
  return <p className={styles.notYet}>{words}</p>;
}

const RANK = { excellent: 0, good: 1, poor: 2, lost: 3 } as const;

function worse<Q extends { level: keyof typeof RANK }>(a: Q | null, b: Q | null): Q | null {
  if (!a || !b) return a ?? b;
  return RANK[b.level] > RANK[a.level] ? b : a;
}

function Meters({ session }: { session: Session }) {
  const { kind } = useSource(session.phase);
  const media = useSource(session.devices.media);
  const microphone = useSource(session.devices.microphone);
  const muted = useSource(session.devices.muted);
  // A microphone that Web Audio cannot take is streamed all the same, without a meter.
  const hasMeter = media?.sound || microphone.kind === "missing";
  return (
    <>
      {hasMeter && (
        <AudioVisualizer
          source={media?.sound?.level ?? null}
          state={visualizerState(microphone, muted, kind)}
          onTryAgain={() => session.devices.retry()}
        />
      )}
      {kind !== "ready" && (
        <>
          <Rate stream={session.video} />
          <Rate stream={session.audio} />
        </>
      )}
    </>
  );
}

function Rate({ stream }: { stream: StreamSession }) {
  const isAbsent = useSource(stream.status).kind === "absent";
  const { value, samples } = stream.rateKBps;
  return isAbsent ? null : <DataRate stream={stream.kind} source={value} series={samples} />;
}

type ControlsProps = {
  readonly session: Session;
  readonly takesFocus: boolean;
  readonly onOpenDetails: () => void;
};

function Controls({ session, takesFocus, onOpenDetails }: ControlsProps) {
  const { devices } = session;
  const phase = useSource(session.phase);
  const media = useSource(devices.media);
  const muted = useSource(devices.muted);
  const torch = useSource(devices.torch);
  const { cameras } = useSource(devices.choices);
  const unsent = [useUnsent(session.video), useUnsent(session.audio)];
  if (phase.kind === "permission") return null;
  return (
    <StreamControls
      phase={controlsPhase(phase, unsent)}
      takesFocus={takesFocus}
      muted={muted}
      canFlip={Boolean(media?.video) && cameras.length > 1}
      canMute={Boolean(media?.audio)}
      torch={torch}
      onStart={() => void session.start()}
      onStop={() => void session.stop()}
      onToggleMute={() => session.toggleMuted()}
      onFlip={() => void devices.flip()}
      onToggleTorch={() => void devices.toggleTorch()}
      onOpenDetails={onOpenDetails}
      onDiscard={() => session.discard()}
      onAgain={() => session.again()}
    />
  );
}

function useUnsent(stream: StreamSession): Unsent {
  return {
    status: useSource(stream.status),
    keptBytes: useSource(stream.keptBytes),
    keptMs: useSource(stream.keptMs),
    acknowledgedBytes: useSource(stream.acknowledgedBytes),
  };
}

function Details({ session, render }: { session: Session; render: (props: DetailsPanelProps) => ReactNode }) {
  const { devices } = session;
  const { kind } = useSource(session.phase);
  const { preset, cadence } = useSource(session.settings);
  const { cameras, microphones } = useSource(devices.choices);
  const media = useSource(devices.media);
  const video = useFigures(session.video);
  const audio = useFigures(session.audio);
  return render({
    streams: [video, audio],
    settings: {
      preset,
      cadence,
      cameras,
      microphones,
      cameraId: media?.video?.getSettings().deviceId ?? null,
      microphoneId: media?.audio?.getSettings().deviceId ?? null,
      locked: kind !== "ready",
    },
    onPreset: (next) => void session.configure({ preset: next }),
    onCadence: (next) => void session.configure({ cadence: next }),
    onCamera: (id) => void session.chooseDevice("camera", id),
    onMicrophone: (id) => void session.chooseDevice("microphone", id),
  });
}

function useFigures(stream: StreamSession): StreamFigures {
  return {
    stream: stream.kind,
    status: useSource(stream.status),
    quality: useSource(stream.quality),
    rateKBps: stream.rateKBps.value,
    rateSeries: stream.rateKBps.samples,
    delayMs: stream.delayMs.value,
    delayP95Ms: stream.delayP95Ms,
    delaySeries: stream.delayMs.samples,
    keptBytes: stream.keptBytes,
    storage: useSource(stream.storage),
    roundTripMs: stream.roundTripMs,
    chunks: stream.chunks,
    gaps: stream.gaps,
    droppedFrames: stream.kind === "video" ? stream.droppedFrames : null,
    encoder: encoderFigures(useSource(stream.segment)),
  };
}

function Summary({ session, durationMs }: { session: Session; durationMs: number }) {
  const video = useSource(session.video.status);
  const audio = useSource(session.audio.status);
  return (
    <SessionSummary
      durationMs={durationMs}
      streams={[
        { stream: "video", ...summaryOf(video) },
        { stream: "audio", ...summaryOf(audio) },
      ]}
    />
  );
}
