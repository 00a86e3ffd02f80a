"use client";

import { lazy, Suspense, useEffect, useState } from "react";
import { Motion } from "@/components/Motion";
import { PermissionGate } from "@/components/PermissionGate";
import { StreamScreen } from "@/components/StreamScreen";
import {
  connectWindow,
  createBrowserSession,
  guessPlatform,
  type PageSettings,
} from "@/lib/session/browser-session";
import type { Session } from "@/lib/session/session";
import { useSource } from "@/lib/session/use-source";
import { copyLink } from "./copy-link";
import { backendProblem, permissionState } from "./permission-views";

// Half of the page's code is for what comes after the permission.
const loadLiveScreen = () => import("./LiveScreen");
const LiveScreen = lazy(loadLiveScreen);
const BackendNotice = lazy(() =>
  import("@/components/BackendNotice").then((module) => ({ default: module.BackendNotice })),
);
const News = lazy(() => import("./News").then((module) => ({ default: module.News })));

/** The page: made in the browser, because everything on it depends on this device. */
export function StreamPage({ backendUrl, hasTokens }: PageSettings) {
  const [session, setSession] = useState<Session | null>(null);
  useEffect(() => {
    const created = createBrowserSession({ backendUrl, hasTokens });
    setSession(created);
    void created.lookForBackend();
    // In good time; a failure shows when the screen is needed.
    loadLiveScreen().catch(() => {});
    return connectWindow(created);
  }, [backendUrl, hasTokens]);
  return <Motion>{session && <SessionScreen session={session} />}</Motion>;
}

function SessionScreen({ session }: { session: Session }) {
  const phase = useSource(session.phase);
  const gate = (
    <StreamScreen
      gate={
        <>
          <BackendWarning session={session} />
          <PermissionGate
            state={permissionState(phase.kind === "permission" ? phase.state : { kind: "asking" })}
            platform={guessPlatform(navigator).platform}
            host={session.address.host}
            onAsk={() => void session.ask()}
            onCopyLink={() => void copyLink().then((copied) => session.tellCopied(copied))}
          />
        </>
      }
    >
      <Suspense>
        <News session={session} />
      </Suspense>
    </StreamScreen>
  );
  if (phase.kind === "permission") return gate;
  return (
    <Suspense fallback={gate}>
      <LiveScreen session={session} />
    </Suspense>
  );
}

function BackendWarning({ session }: { session: Session }) {
  const problem = backendProblem(useSource(session.backend));
  return (
    problem && (
      <Suspense>
        <BackendNotice
          problem={problem}
          address={session.address.origin}
          onRetry={() => void session.lookForBackend()}
        />
      </Suspense>
    )
  );
}
