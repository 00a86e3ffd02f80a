"use client";

import { lazy, Suspense, useEffect, useState } from "react";
import type { Device, PermissionState, Platform, Session, SessionPhase, Source } from "twincast";
import { useSource } from "twincast/react";
import type { Visit } from "@/app/visit";
import { LiveRegion } from "@/components/LiveRegion";
import { OpenOnPhone, type PhoneAddress } from "@/components/OpenOnPhone";
import { PermissionGate } from "@/components/PermissionGate";
import { PermissionScreen } from "@/components/PermissionScreen";
import { copyLink } from "./copy-link";
import { takeEarlyPress } from "./early-press";
import { Notifications } from "./Notifications";
import type { Announcer } from "./telling";
import { ViewBoundary } from "./ViewBoundary";

// The words need no code, the button needs React, and what it begins needs this: fetched beside it.
const loadSession = async () => {
  const [twincast, { Announcer }, { forcedSettings }] = await Promise.all([
    import("twincast"),
    import("./telling"),
    import("./forced-settings"),
  ]);
  return { ...twincast, Announcer, forcedSettings };
};
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

export interface StreamPageProps {
  /** The backend's address, or "" for the page's own origin. */
  readonly backendUrl: string;
  /** Whether the page's server gives out tokens, because the backend wants them. */
  readonly hasTokens: boolean;
  readonly visit: Visit;
  /** On a computer: where a phone opens this page. */
  readonly phone: PhoneAddress | null;
}

/** The page. Its words come from the server; its session is made in the browser, and is about this device. */
export function StreamPage({ backendUrl, hasTokens, visit, phone }: StreamPageProps) {
  const [told, setTold] = useState<ToldSession | null>(null);
  const session = told?.session ?? null;
  // What the request said, until the browser itself is asked.
  const [{ platform, pageOrigin }, setVisitor] = useState<Pick<Visit, "platform" | "pageOrigin">>(visit);
  const [failure, setFailure] = useState<unknown>(null);
  useEffect(() => {
    let made: Session | null = null;
    let isLeft = false;
    (sessionCode ?? loadSession()).then(
      ({ createSession, fetchTokensFrom, guessPlatform, Announcer, forcedSettings }) => {
        if (isLeft) return;
        made = createSession({
          backend: backendUrl,
          opensWhenAllowed: true,
          ...(hasTokens && { fetchTokens: fetchTokensFrom("/tokens") }),
          ...forcedSettings(location.search),
        });
        setVisitor({ platform: guessPlatform(navigator).platform, pageOrigin: location.origin });
        setTold({ session: made, announcer: new Announcer(made) });
        void made.lookForBackend();
        // In good time; a failure shows when the screen is needed.
        loadLiveScreen().catch(() => {});
      },
      (error) => setFailure(() => error),
    );
    return () => {
      isLeft = true;
      // Whatever takes the page away: nobody could stop the session any more.
      made?.dispose();
    };
  }, [backendUrl, hasTokens]);
  return (
    // An element of its own, which nothing else changes: from here a broken view can be taken away.
    <div data-view>
      <ViewBoundary session={session}>
        {failure !== null && <Fail with={failure} />}
        <SessionScreen
          told={told}
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

/** A session, and what this page tells of it. */
export interface ToldSession {
  readonly session: Session;
  readonly announcer: Announcer;
}

export interface SessionScreenProps {
  /** null until its code is there; the first screen needs none. */
  readonly told: ToldSession | null;
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
  const { told, platform, backendHost, pageOrigin, phone = null } = props;
  const session = told?.session ?? null;
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
          onCopyLink={() => void copyLink().then((copied) => told?.announcer.tellCopied(copied))}
        />
      }
      aside={phone && <OpenOnPhone {...phone} />}
      notices={told && <Notifications announcer={told.announcer} />}
    />
  );
  return (
    <>
      {phase.kind === "permission" || !told ? (
        permission
      ) : (
        <Suspense fallback={permission}>
          <LiveScreen {...told} pageOrigin={pageOrigin} takesFocus={hasAsked} />
        </Suspense>
      )}
      {/* One voice for all screens: with one per screen, what happens between two of them is said twice. */}
      {told && <Voice announcer={told.announcer} />}
    </>
  );
}

function Voice({ announcer }: { announcer: Announcer }) {
  return <LiveRegion announcement={useSource(announcer.announcement)} />;
}

/** Whatever the backend does, nothing can be streamed from here. */
function isHopeless(phase: SessionPhase): boolean {
  return (
    phase.kind === "permission" &&
    (phase.state.kind === "insecure-address" ||
      phase.state.kind === "insecure-frame" ||
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
