"use client";

import { lazy, Suspense, useEffect, useState } from "react";
import { LiveRegion } from "@/components/LiveRegion";
import { OpenOnPhone, type PhoneAddress } from "@/components/OpenOnPhone";
import { PermissionGate } from "@/components/PermissionGate";
import { PermissionScreen } from "@/components/PermissionScreen";
import type { PageSettings, Session, SessionPhase } from "@/lib/session";

import { useSource } from "@/lib/session/use-source";
import type { Visit } from "@/lib/session/visit";
import type { Device } from "@/model/device";
import type { PermissionState, Platform } from "@/model/permission";
import type { Source } from "@/model/source";
import { copyLink } from "./copy-link";
import { takeEarlyPress } from "./early-press";
import { Notifications } from "./Notifications";
import { ViewBoundary } from "./ViewBoundary";

// The words need no code, the button needs React, and what it begins needs this: fetched beside it.
const loadSession = () => import("@/lib/session");
// Half of the page's code is for what comes after the permission.
const loadLiveScreen = () => import("./LiveScreen");
const LiveScreen = lazy(loadLiveScreen);
const BackendNotice = lazy(() =>
  import("@/components/BackendNotice").then((module) => ({ default: module.BackendNotice })),
);
const Earlier = lazy(() => import("./Earlier").then((module) => ({ default: module.Earlier })));
const sessionCode = typeof window === "undefined" ? null : loadSession();
// Who waits for it is told; so early nobody does.
sessionCode?.catch(() => {});

export interface StreamPageProps extends PageSettings {
  readonly visit: Visit;
  /** On a computer: where a phone opens this page. */
  readonly phone: PhoneAddress | null;
}

/** The page. Its words come from the server; its session is made in the browser, and is about this device. */
export function StreamPage({ backendUrl, hasTokens, visit, phone }: StreamPageProps) {
  const [session, setSession] = useState<Session | null>(null);
  // What the request said, until the browser itself is asked.
  const [{ platform, pageOrigin }, setVisitor] = useState<Pick<Visit, "platform" | "pageOrigin">>(visit);
  const [failure, setFailure] = useState<unknown>(null);
  useEffect(() => {
    let leave: (() => void) | null = null;
    let isLeft = false;
    (sessionCode ?? loadSession()).then(
      ({ createBrowserSession, connectWindow, guessPlatform }) => {
        if (isLeft) return;
        const created = createBrowserSession({ backendUrl, hasTokens });
        setVisitor({ platform: guessPlatform(navigator).platform, pageOrigin: location.origin });
        setSession(created);
        void created.lookForBackend();
        void created.lookForLeftovers();
        // In good time; a failure shows when the screen is needed.
        loadLiveScreen().catch(() => {});
        // Whatever takes the page away: nobody could stop the session any more.
        leave = connectWindow(created);
      },
      (error) => setFailure(() => error),
    );
    return () => {
      isLeft = true;
      leave?.();
    };
  }, [backendUrl, hasTokens]);
  return (
    // An element of its own, which nothing else changes: from here a broken view can be taken away.
    <div data-view>
      <ViewBoundary session={session}>
        {failure !== null && <Fail with={failure} />}
        <SessionScreen
          session={session}
          platform={platform}
          backendHost={session?.address.host ?? visit.backendHost}
          pageOrigin={pageOrigin}
          phone={phone}
        />
      </ViewBoundary>
    </div>
  );
}

/** To the boundary, which offers to load the page again. */
function Fail({ with: error }: { with: unknown }): never {
  throw error;
}

export interface SessionScreenProps {
  /** null until its code is there; the first screen needs none. */
  readonly session: Session | null;
  /** Whose menus a person is told to open. */
  readonly platform: Platform;
  /** Where the media goes, as a person reads it. */
  readonly backendHost: string;
  /** Scheme and host of this page. */
  readonly pageOrigin: string;
  /** On a computer: where a phone opens this page. */
  readonly phone?: PhoneAddress | null;
}

const BEFORE_ASKING: SessionPhase = { kind: "permission", state: { kind: "before-asking" } };
const ASKING: PermissionState = { kind: "asking" };
const BEFORE_THE_SESSION: Source<SessionPhase> = { get: () => BEFORE_ASKING, subscribe: () => () => {} };

/** A press that the session is told of, now or once it is there. */
interface Ask {
  readonly without: Device | undefined;
}

/** The page of one session: all that it shows comes from the session's stores. */
export function SessionScreen(props: SessionScreenProps) {
  const { session, platform, backendHost, pageOrigin, phone = null } = props;
  const phase = useSource(session?.phase ?? BEFORE_THE_SESSION);
  const [hasAsked, setAsked] = useState(false);
  const [waiting, setWaiting] = useState<Ask | null>(null);
  const ask = (without?: Device) => {
    setAsked(true);
    if (session) void session.ask(without);
    else setWaiting({ without });
  };
  useEffect(() => {
    if (!takeEarlyPress()) return;
    setAsked(true);
    setWaiting({ without: undefined });
  }, []);
  useEffect(() => {
    if (!session || !waiting) return;
    setWaiting(null);
    const { kind } = session.phase.get();
    // What is known on arrival, such as an insecure address, is not asked against.
    if (kind === "permission" && !isHopeless(session.phase.get())) void session.ask(waiting.without);
  }, [session, waiting]);
  const state = waiting ? ASKING : phase.kind === "permission" ? phase.state : ASKING;
  const permission = (
    <PermissionScreen
      notice={
        session && (
          <>
            <EarlierSession session={session} />
            {!isHopeless(phase) && <BackendWarning session={session} pageOrigin={pageOrigin} />}
          </>
        )
      }
      gate={
        <PermissionGate
          state={state}
          platform={platform}
          host={backendHost}
          pageOrigin={pageOrigin}
          onAsk={ask}
          onCopyLink={() => void copyLink().then((copied) => session?.tellCopied(copied))}
        />
      }
      aside={phone && <OpenOnPhone {...phone} />}
      notices={session && <Notifications session={session} />}
    />
  );
  return (
    <>
      {phase.kind === "permission" || !session ? (
        permission
      ) : (
        <Suspense fallback={permission}>
          <LiveScreen session={session} pageOrigin={pageOrigin} takesFocus={hasAsked} />
        </Suspense>
      )}
      {/* One voice for all screens: with one per screen, what happens between two of them is said twice. */}
      {session && <Voice session={session} />}
    </>
  );
}

function Voice({ session }: { session: Session }) {
  return <LiveRegion announcement={useSource(session.announcement)} />;
}

/** Whatever the backend does, nothing can be streamed from here. */
function isHopeless(phase: SessionPhase): boolean {
  return (
    phase.kind === "permission" &&
    (phase.state.kind === "insecure-address" ||
      phase.state.kind === "unsupported-browser" ||
      phase.state.kind === "blocked-by-frame")
  );
}

/** Before anything else: media that are still here. Fetched where there are any. */
function EarlierSession({ session }: { session: Session }) {
  const { kind } = useSource(session.leftover);
  if (kind === "none") return null;
  return (
    <Suspense>
      <Earlier session={session} />
    </Suspense>
  );
}

function BackendWarning({ session, pageOrigin }: { session: Session; pageOrigin: string }) {
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
