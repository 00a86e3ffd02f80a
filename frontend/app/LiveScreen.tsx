"use client";

import { type ReactNode, useState } from "react";
import {
  derive,
  type InputState,
  isAlike,
  type Quality as MeasuredQuality,
  type Session,
  type Source,
  type Stream,
} from "twincast";
import { useSource } from "twincast/react";
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
import { DimScreen } from "@/components/DimScreen";
import { Duration } from "@/components/Duration";
import { Motion } from "@/components/Motion";
import { type PictureFit, PictureTools } from "@/components/PictureTools";
import { Quality } from "@/components/Quality";
import { SessionSummary } from "@/components/SessionSummary";
import { StopQuestion } from "@/components/StopQuestion";
import { type Phase as ControlsPhase, StreamControls } from "@/components/StreamControls";
import { StreamScreen } from "@/components/StreamScreen";
import { spellDuration } from "@/components/shared/format";
import { VideoCapture } from "@/components/VideoCapture";
import { WatchedBy } from "@/components/WatchedBy";
import { Earlier } from "./Earlier";
import styles from "./LiveScreen.module.css";
import { Notifications } from "./Notifications";
import { pictureFit } from "./picture-fit";
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
import type { Announcer } from "./telling";
import { PANEL_MEDIA, useDerived, useMedia } from "./use-derived";
import { ViewWatch } from "./ViewWatch";

export interface LiveScreenProps {
  readonly session: Session;
  readonly announcer: Announcer;
  /** Scheme and host of this page. */
  readonly pageOrigin: string;
  /** The person pressed something on the first screen, which is gone. */
  readonly takesFocus: boolean;
}

/** A session that has run for longer is not ended by one touch. */
const ASK_BEFORE_STOP_MS = 60_000;

/** Everything after the permission: fetched while the person reads the first screen. */
export default function LiveScreen({ session, announcer, pageOrigin, takesFocus }: LiveScreenProps) {
  const phase = useSource(session.phase);
  const { kind } = phase;
  const leftover = useSource(session.leftover);
  // The result of an earlier session stands where any other would, unless one runs.
  const showsEarlier = kind === "ready" && leftover.kind === "over";
  const isCovered = kind === "ended" || showsEarlier;
  const [detailsOpen, setDetailsOpen] = useState(false);
  const [isDimmed, setDimmed] = useState(false);
  const [elapsedMs] = useState(() => elapsedSource(session));
  const isPanelShown = useMedia(PANEL_MEDIA);
  const fit = useSource(pictureFit);
  const isDark = isDimmed && kind === "live";
  return (
    <Motion>
      <StreamScreen
        preview={!isDark && <Preview session={session} fit={fit} />}
        badges={<Badges session={session} />}
        status={kind !== "ready" && kind !== "ended" && <Status session={session} />}
        trouble={
          <>
            {!isCovered && <Earlier session={session} isStrip />}
            <Trouble session={session} pageOrigin={pageOrigin} />
          </>
        }
        notices={<Notifications announcer={announcer} isPrepared />}
        tools={
          kind !== "ended" && (
            <Tools session={session} fit={fit} onDim={kind === "live" ? () => setDimmed(true) : undefined} />
          )
        }
        // Of a session that is over there is nothing to measure.
        meters={kind !== "ended" && <Meters session={session} elapsedMs={elapsedMs} />}
        controls={
          <Controls session={session} takesFocus={takesFocus} onOpenDetails={() => setDetailsOpen(true)} />
        }
        cover={
          (phase.kind === "ended" && <Summary session={session} durationMs={phase.durationMs} />) ||
          (showsEarlier && <Earlier session={session} />)
        }
        panel={isPanelShown && <Details session={session} render={(props) => <DetailsPanel {...props} />} />}
        onPinch={(factor) => {
          const zoom = session.devices.zoom.get();
          if (zoom) session.devices.setZoom(zoom.value * factor);
        }}
      >
        <ViewWatch />
        {isDark && <DimScreen elapsedMs={elapsedMs} onWake={() => setDimmed(false)} />}
        {detailsOpen && (
          <Details
            session={session}
            render={(props) => <DetailsSheet {...props} open onClose={() => setDetailsOpen(false)} />}
          />
        )}
      </StreamScreen>
    </Motion>
  );
}

function Preview({ session, fit }: { session: Session; fit: PictureFit }) {
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
      fit={fit}
      onResume={() => session.devices.retry()}
      onElement={session.devices.setPreviewElement}
    />
  );
}

type ToolsProps = {
  readonly session: Session;
  readonly fit: PictureFit;
  readonly onDim: (() => void) | undefined;
};

function Tools({ session, fit, onDim }: ToolsProps) {
  const { devices } = session;
  const media = useSource(devices.media);
  const zoom = useSource(devices.zoom);
  const isShown = useDerived(() => derive([devices.camera], () => hasPicture(devices.camera.get().kind)));
  if (!media?.video || !isShown) return null;
  return (
    <PictureTools
      fit={fit}
      onFit={pictureFit.set}
      zoom={zoom}
      onZoom={(value) => devices.setZoom(value)}
      onDim={onDim}
    />
  );
}

/** Whether the camera shows anything that could be shown otherwise. */
function hasPicture(camera: InputState["kind"]): boolean {
  switch (camera) {
    case "live":
    case "silent":
    case "flipping":
      return true;
    case "interrupted":
    case "returning":
    case "missing":
      return false;
  }
}

function Badges({ session }: { session: Session }) {
  return (
    <>
      <ConnectionBadge stream="video" status={session.video.status} />
      <ConnectionBadge stream="audio" status={session.audio.status} />
    </>
  );
}

function Trouble({ session, pageOrigin }: { session: Session; pageOrigin: string }) {
  const trouble = useDerived(() => {
    const { phase, arrival, backend, video, audio } = session;
    return derive(
      [phase, arrival, backend, video.status, audio.status],
      () =>
        troubleOf(phase.get().kind, arrival.get(), backend.get(), [video.status.get(), audio.status.get()]),
      isAlike,
    );
  });
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

/** Only what is not good, and what no badge says: a path that is there and carries too little. */
function Status({ session }: { session: Session }) {
  const quality = useDerived(() => {
    const { video, audio } = session;
    return derive(
      [video.quality, audio.quality],
      () => poorOf(video.quality.get(), audio.quality.get()),
      isAlike,
    );
  });
  return (
    <>
      {quality && <Quality {...quality} />}
      <Viewers session={session} />
    </>
  );
}

/** The person is to know that somebody looks on. */
function Viewers({ session }: { session: Session }) {
  const { video, audio } = session;
  // Who watches a phone has a connection for each of its streams.
  const viewers = useDerived(() =>
    derive([video.viewers, audio.viewers], () => Math.max(video.viewers.get(), audio.viewers.get())),
  );
  return <WatchedBy viewers={viewers} />;
}

function poorOf(...both: readonly (MeasuredQuality | null)[]): MeasuredQuality | null {
  return both.find((quality) => quality?.level === "poor") ?? null;
}

/** One strip: the clock, what the microphone hears, and what arrives. */
function Meters({ session, elapsedMs }: { session: Session; elapsedMs: Source<number> }) {
  const { kind } = useSource(session.phase);
  const media = useSource(session.devices.media);
  const microphone = useSource(session.devices.microphone);
  const muted = useSource(session.devices.muted);
  const arrival = useSource(session.arrival);
  // A microphone that Web Audio cannot take is streamed all the same, without a meter.
  const hasMeter = kind !== "finishing" && (media?.sound || microphone.kind === "missing");
  return (
    <>
      {kind !== "ready" && <Clock session={session} elapsedMs={elapsedMs} />}
      {hasMeter && (
        <AudioVisualizer
          source={media?.sound?.level ?? null}
          state={visualizerState(microphone, muted, kind)}
          onTryAgain={() => session.devices.retry()}
        />
      )}
      {/* Of what has not begun to arrive there is no rate. */}
      {kind !== "ready" && arrival === "acknowledged" && (
        <div className={styles.rates}>
          <Rate stream={session.video} />
          <Rate stream={session.audio} />
        </div>
      )}
    </>
  );
}

function Clock({ session, elapsedMs }: { session: Session; elapsedMs: Source<number> }) {
  const { kind } = useSource(session.phase);
  const arrival = useSource(session.arrival);
  // What runs before the backend has anything is no session yet.
  if (arrival !== "acknowledged") {
    return (
      <p className={styles.notYet}>{kind === "finishing" ? "Not sent yet" : "Connecting, not sent yet"}</p>
    );
  }
  return <Duration elapsedMs={elapsedMs} recording={kind === "live"} />;
}

function Rate({ stream }: { stream: Stream }) {
  const isAbsent = useDerived(() => derive([stream.status], () => stream.status.get().kind === "absent"));
  return isAbsent ? null : <DataRate stream={stream.kind} source={stream.rateKBps.value} />;
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
  const shown = useDerived(() => controlsSource(session));
  const [asksToStop, setAsksToStop] = useState(false);
  if (phase.kind === "permission" || !shown) return null;
  const stop = () => {
    setAsksToStop(false);
    void session.stop();
  };
  const hasRunLong = () => phase.kind === "live" && session.now() - phase.startedAt > ASK_BEFORE_STOP_MS;
  return (
    <>
      <StopQuestion
        isOpen={asksToStop && phase.kind === "live"}
        lasted={phase.kind === "live" ? spellDuration(session.now() - phase.startedAt) : ""}
        onStop={stop}
        onGoOn={() => setAsksToStop(false)}
      />
      <StreamControls
        phase={shown}
        takesFocus={takesFocus}
        muted={muted}
        canFlip={Boolean(media?.video) && cameras.length > 1}
        canMute={Boolean(media?.audio)}
        torch={torch}
        onStart={() => void session.start()}
        onStop={() => (hasRunLong() ? setAsksToStop(true) : stop())}
        onToggleMute={() => session.toggleMuted()}
        onFlip={() => void devices.flip()}
        onToggleTorch={() => void devices.toggleTorch()}
        onOpenDetails={onOpenDetails}
        onDiscard={() => session.discard()}
        onAgain={() => session.again()}
      />
    </>
  );
}

/** What is left matters while the upload finishes; until then it changes with every chunk. */
function controlsSource({ phase, video, audio }: Session): Source<ControlsPhase | null> {
  const streams = [video, audio];
  const figures = streams.flatMap(({ status, keptBytes, keptMs, acknowledgedBytes }) => [
    status,
    keptBytes,
    keptMs,
    acknowledgedBytes,
  ]);
  return derive(
    [phase, ...figures],
    () => {
      const now = phase.get();
      return now.kind === "permission" ? null : controlsPhase(now, streams.map(unsentOf));
    },
    isAlike,
  );
}

function unsentOf({ status, keptBytes, keptMs, acknowledgedBytes }: Stream): Unsent {
  return {
    status: status.get(),
    keptBytes: keptBytes.get(),
    keptMs: keptMs.get(),
    acknowledgedBytes: acknowledgedBytes.get(),
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

function useFigures(stream: Stream): StreamFigures {
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
