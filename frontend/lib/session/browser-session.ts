/**
 * The session of this browser: the real devices, workers and clock put into `Session`, and the window's events led
 * to it.
 */

import { AudioInput, acquire, createLevelSource, obstacleOf } from "../capture/devices";
import { systemClock } from "../clock";
import { heldSessions, holdSession, SESSIONS_FOLDER } from "../storage/session-lock";
import { browserWorkers } from "../worker";
import { backendAddress } from "./backend-address";
import { checkBackend } from "./backend-check";
import { choicesMemory } from "./choices-memory";
import { browserDeviceAccess, type Sound } from "./device-access";
import { forcedSettings } from "./forced-settings";
import type { LeftoversOptions } from "./leftovers";
import { Session } from "./session";
import { fetchTokens, noTokens } from "./tokens";

export { guessPlatform } from "../capture/devices";

export interface PageSettings {
  /** The backend's address, or "" for the page's own origin. */
  readonly backendUrl: string;
  /** Whether the page's server gives out tokens, because the backend wants them. */
  readonly hasTokens: boolean;
}

export function createBrowserSession({ backendUrl, hasTokens }: PageSettings): Session {
  return new Session({
    backend: backendAddress(backendUrl, location.href),
    checkBackend: (backend) => checkBackend(backend),
    userAgent: navigator.userAgent,
    obstacle: obstacleOf(),
    devices: browserDeviceAccess(acquire, openSound),
    workers: browserWorkers,
    ...forcedSettings(location.search),
    now: systemClock.now,
    newSessionId: () => crypto.randomUUID(),
    fetchTokens: hasTokens ? fetchTokens : noTokens,
    choices: choicesMemory(storage()),
    holdSession: (session) => Promise.race([holdSession(session), unanswered()]),
    loadLeftovers,
    keepStorage: () => void navigator.storage?.persist?.().catch(() => {}),
  });
}

/** For the browser to say whose a session is. */
const ANSWER_MS = 1_000;

/** Start does not wait longer; a lock that comes later is held until the page is gone. */
async function unanswered(): Promise<() => void> {
  await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
  return () => {};
}

/** Nothing more of it is fetched where this page never had anything to store. */
async function loadLeftovers() {
  const root = await navigator.storage?.getDirectory?.();
  const has = await root?.getDirectoryHandle(SESSIONS_FOLDER).catch(() => null);
  const others = has ? [] : await heldSessions();
  if (!has && others.length === 0) return null;
  const { Leftovers } = await import("./leftovers");
  return (options: LeftoversOptions) => new Leftovers(options);
}

/** Where cookies are forbidden, even to look for it throws. */
function storage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

function openSound(track: MediaStreamTrack): Sound | null {
  try {
    const input = new AudioInput(track);
    return { input, level: createLevelSource(input) };
  } catch {
    // Without Web Audio there is no meter, and MediaRecorder encodes; the stream goes on.
    return null;
  }
}

/** Tells the session what happens around the page. @returns what ends it. */
export function connectWindow(session: Session): () => void {
  const ended = new AbortController();
  const listen = { signal: ended.signal };
  window.addEventListener("online", () => session.network("online"), listen);
  window.addEventListener("offline", () => session.network("offline"), listen);
  // A return from the back-forward cache fires `pageshow` and not `visibilitychange`.
  window.addEventListener("pageshow", (event) => event.persisted && session.network("visible"), listen);
  document.addEventListener(
    "visibilitychange",
    () => session.network(document.visibilityState === "visible" ? "visible" : "hidden"),
    listen,
  );
  // Some browsers tell of a page that goes by this alone.
  window.addEventListener("pagehide", () => session.network("hidden"), listen);
  window.addEventListener(
    "beforeunload",
    (event) => {
      if (session.holdsMedia) event.preventDefault();
    },
    listen,
  );
  // An engine that suspended the sound, because the page opened the microphone by itself, wants a tap.
  window.addEventListener(
    "pointerup",
    // The summary has no meter, so the sound rests there.
    () => session.phase.get().kind !== "ended" && session.devices.resumeSound(),
    listen,
  );
  const forgetPermissions = session.watchPermissions();
  return () => {
    ended.abort();
    forgetPermissions();
    session.close();
  };
}
