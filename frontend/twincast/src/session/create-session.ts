/**
 * The session of this browser: the real devices, workers and clock put into `SessionController`, and the window's events
 * led to it.
 */

import type { Tier } from "../capture";
import { AudioInput, browserDevices, createLevelSource, devicesUntil, obstacleOf } from "../capture/devices";
import type { Cadence } from "../capture/encode";
import { systemClock } from "../clock";
import { heldSessions, holdSession, SESSIONS_FOLDER } from "../storage/session-lock";
import { browserWorkers } from "../worker";
import type { Session } from "./api";
import { backendAddress } from "./backend-address";
import { checkBackend } from "./backend-check";
import { choicesMemory } from "./choices-memory";
import { browserDeviceAccess, type Sound } from "./device-access";
import type { LeftoversOptions } from "./leftovers";
import { type OwnTracks, ownTracksAccess } from "./own-tracks";
import { SessionController } from "./session";
import { type FetchTokens, noTokens } from "./tokens";

/** What a session is made of; without any, it streams this device's camera and microphone to the page's own origin. */
export interface CreateSessionOptions {
  /** The backend's address, `https://…`, with its path if it has one; "" for the page's own origin. */
  readonly backend?: string;
  /** Fetches what a guarded backend wants to see; see `fetchTokensFrom`. Without it nothing is shown. */
  readonly fetchTokens?: FetchTokens;
  /** Tracks of the page's own instead of camera and microphone. */
  readonly tracks?: OwnTracks;
  /** Opens camera and microphone without a tap where the person has allowed them to this page before. */
  readonly opensWhenAllowed?: boolean;
  /** Has the browser ask before the page is left while that would lose media. Default true. */
  readonly asksBeforeUnload?: boolean;
  /** Forces an encoder, to look for a fault. Default "auto": the first that a probe has encoded with. */
  readonly encoder?: Tier;
  /** Forces a cadence, whatever `settings` say: ms per chunk, or each encoded frame at once. */
  readonly cadence?: Cadence;
}

/**
 * Makes a session. Nothing is asked, opened or sent by it, but media that a former page has left on this device are
 * delivered. It lives until `dispose`, and hears the window's events until then.
 *
 * @throws {UnusableSetting} when `backend` cannot be an address; its message says what to write.
 */
export function createSession(options: CreateSessionOptions = {}): Session {
  const { backend = "", tracks, opensWhenAllowed = false, asksBeforeUnload = true } = options;
  let isOver = false;
  const access = browserDeviceAccess(
    devicesUntil(browserDevices(), () => isOver),
    openSound,
  );
  const session = new SessionController({
    backend: backendAddress(backend, location.href),
    checkBackend: (address) => checkBackend(address),
    userAgent: navigator.userAgent,
    obstacle: tracks ? null : obstacleOf(),
    devices: tracks ? ownTracksAccess(tracks, access) : access,
    workers: browserWorkers,
    tier: options.encoder ?? "auto",
    cadence: options.cadence,
    opensWhenAllowed,
    now: systemClock.now,
    newSessionId: () => crypto.randomUUID(),
    fetchTokens: options.fetchTokens ?? noTokens,
    choices: choicesMemory(storage()),
    holdSession: (session) => holdInTime(session),
    loadLeftovers,
    keepStorage: () => void navigator.storage?.persist?.().catch(() => {}),
    connect: (made) => {
      const disconnect = connectWindow(made, asksBeforeUnload);
      return () => {
        isOver = true;
        disconnect();
      };
    },
  });
  void session.lookForLeftovers();
  return session;
}

/** For the browser to say whose a session is: Start does not wait longer. */
const ANSWER_MS = 1_000;

/**
 * A lock that comes later is this page's all the same, until it is let go.
 *
 * @param hold replaced in tests.
 */
export async function holdInTime(session: string, hold = holdSession): Promise<(() => void) | null> {
  const held = hold(session);
  const late = new Promise<() => void>((resolve) =>
    setTimeout(resolve, ANSWER_MS, () => void held.then((letGo) => letGo?.())),
  );
  return Promise.race([held, late]);
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

/** What the window tells a session. */
export type WindowListener = Pick<
  SessionController,
  "network" | "holdsMedia" | "watchPermissions" | "phase"
> & {
  readonly devices: Pick<SessionController["devices"], "resumeSound">;
};

/** Tells the session what happens around the page. @returns what ends it. */
export function connectWindow(session: WindowListener, asksBeforeUnload: boolean): () => void {
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
      if (asksBeforeUnload && session.holdsMedia) event.preventDefault();
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
  };
}
