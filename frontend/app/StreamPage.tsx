"use client";

import { lazy, Suspense, useEffect, useState } from "react";
import { PermissionGate } from "@/components/PermissionGate";
import { PermissionScreen } from "@/components/PermissionScreen";
import {
  connectWindow,
  createBrowserSession,
  guessPlatform,
  type PageSettings,
  type Session,
  type SessionPhase,
} from "@/lib/session";
import { useSource } from "@/lib/session/use-source";
import type { Platform } from "@/model/permission";
import { copyLink } from "./copy-link";
import { ViewBoundary } from "./ViewBoundary";

// Half of the page's code is for what comes after the permission.
const loadLiveScreen = () => import("./LiveScreen");
const LiveScreen = lazy(loadLiveScreen);
const BackendNotice = lazy(() =>
  import("@/components/BackendNotice").then((module) => ({ default: module.BackendNotice })),
);
const Notifications = lazy(() =>
  import("./Notifications").then((module) => ({ default: module.Notifications })),
);

/** The page: made in the browser, because everything on it depends on this device. */
export function StreamPage({ backendUrl, hasTokens }: PageSettings) {
  const [session, setSession] = useState<Session | null>(null);
  useEffect(() => {
    const created = createBrowserSession({ backendUrl, hasTokens });
    setSession(created);
    void created.lookForBackend();
    void created.lookForLeftovers();
    // In good time; a failure shows when the screen is needed.
    loadLiveScreen().catch(() => {});
    // Whatever takes the page away: nobody could stop the session any more.
    return connectWindow(created);
  }, [backendUrl, hasTokens]);
  return (
    session && (
      // An element of its own, which nothing else changes: from here a broken view can be taken away.
      <div data-view>
        <ViewBoundary session={session}>
          <SessionScreen
            session={session}
            platform={guessPlatform(navigator).platform}
            pageOrigin={location.origin}
          />
        </ViewBoundary>
      </div>
    )
  );
}

export interface SessionScreenProps {
  readonly session: Session;
  /** Whose menus a person is told to open. */
  readonly platform: Platform;
  /** Scheme and host of this page. */
  readonly pageOrigin: string;
}

/** The page of one session: all that it shows comes from the session's stores. */
export function SessionScreen({ session, platform, pageOrigin }: SessionScreenProps) {
  const phase = useSource(session.phase);
  const [hasAsked, setAsked] = useState(false);
  const permission = (
    <PermissionScreen
      gate={
        <>
          {!isHopeless(phase) && <BackendWarning session={session} pageOrigin={pageOrigin} />}
          <PermissionGate
            state={phase.kind === "permission" ? phase.state : { kind: "asking" }}
            platform={platform}
            host={session.address.host}
            pageOrigin={pageOrigin}
            onAsk={(without) => {
              setAsked(true);
              void session.ask(without);
            }}
            onCopyLink={() => void copyLink().then((copied) => session.tellCopied(copied))}
          />
        </>
      }
      notices={
        <Suspense>
          <Notifications session={session} />
        </Suspense>
      }
    />
  );
  if (phase.kind === "permission") return permission;
  return (
    <Suspense fallback={permission}>
      <LiveScreen session={session} pageOrigin={pageOrigin} takesFocus={hasAsked} />
    </Suspense>
  );
}

/** Whatever the backend does, nothing can be streamed from here. */
function isHopeless(phase: SessionPhase): boolean {
  return (
    phase.kind === "permission" &&
    (phase.state.kind === "insecure-address" || phase.state.kind === "unsupported-browser")
  );
}

function BackendWarning({ session, pageOrigin }: Pick<SessionScreenProps, "session" | "pageOrigin">) {
  const finding = useSource(session.backend);
  if (finding === null || finding === "answers") return null;
  return (
    <Suspense>
      <BackendNotice
        trouble={{ kind: finding }}
        address={session.address.origin}
        healthUrl={session.address.healthUrl}
        pageOrigin={pageOrigin}
        onRetry={() => void session.lookForBackend()}
      />
    </Suspense>
  );
}
