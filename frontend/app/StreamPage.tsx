"use client";

import { useEffect, useState } from "react";
import { AudioVisualizer } from "@/components/AudioVisualizer";
import { BackendNotice } from "@/components/BackendNotice";
import { ConnectionBadge } from "@/components/ConnectionBadge";
import { DataRate } from "@/components/DataRate";
import { Duration } from "@/components/Duration";
import { LiveRegion } from "@/components/LiveRegion";
import { Motion } from "@/components/Motion";
import { PermissionGate } from "@/components/PermissionGate";
import { Quality } from "@/components/Quality";
import { SessionSummary } from "@/components/SessionSummary";
import { StreamControls } from "@/components/StreamControls";
import { StreamScreen } from "@/components/StreamScreen";
import { Toasts } from "@/components/Toasts";
import { VideoCapture } from "@/components/VideoCapture";
import { guessPlatform } from "@/lib/capture/platform";
import { connectWindow, createBrowserSession } from "@/lib/session/browser-session";
import type { Session } from "@/lib/session/session";
import { useSource } from "@/lib/session/use-source";
import {
  announcementOf,
  backendProblem,
  badgeStatus,
  controlsPhase,
  elapsedSource,
  outcomeOf,
  permissionState,
} from "./views";

/** The page: made in the browser, because everything on it depends on this device. */
export function StreamPage({ backendUrl }: { backendUrl: string }) {
  const [session, setSession] = useState<Session | null>(null);
  useEffect(() => {
    const created = createBrowserSession(backendUrl);
    setSession(created);
    void created.lookForBackend();
    return connectWindow(created);
  }, [backendUrl]);
  return <Motion>{session && <SessionScreen session={session} />}</Motion>;
}

function SessionScreen({ session }: { session: Session }) {
  const phase = useSource(session.phase);
  const overlays = <News session={session} />;
  if (phase.kind === "permission") {
    return (
      <StreamScreen
        gate={
          <>
            <BackendWarning session={session} />
            <PermissionGate
              state={permissionState(phase.state)}
              platform={guessPlatform(navigator).platform}
              host={session.address.host}
              onAsk={() => void session.ask()}
              onCopyLink={() => void navigator.clipboard.writeText(location.href)}
            />
          </>
        }
      >
        {overlays}
      </StreamScreen>
    );
  }
  const { media } = phase;
  return (
    <StreamScreen
      preview={
        <VideoCapture
          state={media.video ? { kind: "live" } : { kind: "camera-missing" }}
          stream={media.stream}
          mirrored={media.facing === "user"}
          onResume={() => void session.ask()}
        />
      }
      badges={<Badges session={session} />}
      status={phase.kind !== "ready" && phase.kind !== "ended" && <Status session={session} />}
      meters={<Meters session={session} />}
      controls={<Controls session={session} />}
      cover={phase.kind === "ended" && <Summary session={session} durationMs={phase.durationMs} />}
    >
      {overlays}
    </StreamScreen>
  );
}

function BackendWarning({ session }: { session: Session }) {
  const problem = backendProblem(useSource(session.backend));
  return (
    problem && (
      <BackendNotice
        problem={problem}
        address={session.address.origin}
        onRetry={() => void session.lookForBackend()}
      />
    )
  );
}

function Badges({ session }: { session: Session }) {
  const video = useSource(session.video.status);
  const audio = useSource(session.audio.status);
  return (
    <>
      <ConnectionBadge stream="video" status={badgeStatus(video)} />
      <ConnectionBadge stream="audio" status={badgeStatus(audio)} />
    </>
  );
}

function Status({ session }: { session: Session }) {
  const [elapsedMs] = useState(() => elapsedSource(session));
  const recording = useSource(session.phase).kind === "live";
  const video = useSource(session.video.quality);
  const audio = useSource(session.audio.quality);
  const quality = worse(video, audio);
  return (
    <>
      <Duration elapsedMs={elapsedMs} recording={recording} />
      {quality && <Quality {...quality} />}
    </>
  );
}

const RANK = { excellent: 0, good: 1, poor: 2, lost: 3 } as const;

function worse<Q extends { level: keyof typeof RANK }>(a: Q | null, b: Q | null): Q | null {
  if (!a || !b) return a ?? b;
  return RANK[b.level] > RANK[a.level] ? b : a;
}

function Meters({ session }: { session: Session }) {
  const phase = useSource(session.phase);
  const muted = useSource(session.muted);
  if (phase.kind === "permission") return null;
  const { sound, audio } = phase.media;
  const streams = [session.video, session.audio];
  return (
    <>
      {sound && (
        <AudioVisualizer
          source={sound.level}
          state={!audio ? { kind: "microphone-missing" } : muted ? { kind: "muted" } : { kind: "listening" }}
        />
      )}
      {phase.kind !== "ready" &&
        streams.map(({ kind, rateKBps }) => (
          <DataRate key={kind} stream={kind} source={rateKBps.value} series={rateKBps.samples} />
        ))}
    </>
  );
}

function Controls({ session }: { session: Session }) {
  const phase = useSource(session.phase);
  const muted = useSource(session.muted);
  const video = useSource(session.video.status);
  const audio = useSource(session.audio.status);
  return (
    <StreamControls
      phase={controlsPhase(phase, [video, audio])}
      muted={muted}
      canFlip={false}
      canMute={phase.kind !== "permission" && phase.media.audio !== null}
      torch="none"
      onStart={() => void session.start()}
      onStop={() => void session.stop()}
      onToggleMute={() => session.toggleMuted()}
      onFlip={() => {}}
      onToggleTorch={() => {}}
      onOpenDetails={() => {}}
      onDiscard={() => session.discard()}
      onAgain={() => session.again()}
    />
  );
}

function Summary({ session, durationMs }: { session: Session; durationMs: number }) {
  const video = useSource(session.video.status);
  const audio = useSource(session.audio.status);
  return (
    <SessionSummary
      durationMs={durationMs}
      streams={[
        { stream: "video", ...outcomeOf(video) },
        { stream: "audio", ...outcomeOf(audio) },
      ]}
    />
  );
}

function News({ session }: { session: Session }) {
  const news = useSource(session.news);
  return (
    <>
      <Toasts toasts={news} onDismiss={(id) => session.dismissNews(id)} />
      <LiveRegion announcement={announcementOf(news)} />
    </>
  );
}
