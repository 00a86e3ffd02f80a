/**
 * The session of this browser: the real devices, workers and clock put into `Session`, and the window's events led
 * to it.
 */

import { AudioInput } from "../capture/audio-input";
import type { Tier } from "../capture/choose-encoder";
import { DEFAULT_CADENCE } from "../capture/chunk-batcher";
import { acquire } from "../capture/devices";
import { createLevelSource } from "../capture/level";
import { backendAddress } from "./backend-address";
import { checkBackend } from "./backend-check";
import { createEncoder, type EncoderSettings } from "./browser-encoder";
import { Session } from "./session";
import { createStreamLink } from "./stream-link";

/** Enough for 720p at arm's length, and for speech in Opus. */
const DEFAULT_SETTINGS: EncoderSettings = {
  tier: "auto",
  cadence: DEFAULT_CADENCE,
  maxSize: { width: 1280, height: 720 },
  frameRate: 30,
  videoBitsPerSecond: 1_500_000,
  audioBitsPerSecond: 48_000,
};

/** @param backendUrl the backend's address, or "" for the page's own origin. */
export function createBrowserSession(backendUrl: string): Session {
  const settings = { ...DEFAULT_SETTINGS, tier: tierOf(location.search) };
  return new Session({
    backend: backendAddress(backendUrl, location.href),
    checkBackend,
    userAgent: navigator.userAgent,
    acquire,
    createLink: createStreamLink,
    createEncoder: (seat) => createEncoder({ ...seat, settings }),
    openSound: (track) => {
      try {
        const input = new AudioInput(track);
        return { input, level: createLevelSource(input) };
      } catch {
        // Without Web Audio there is no meter, and MediaRecorder encodes; the stream goes on.
        return null;
      }
    },
    now: Date.now,
    newSessionId: () => crypto.randomUUID(),
  });
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
    () => document.visibilityState === "visible" && session.network("visible"),
    listen,
  );
  window.addEventListener(
    "beforeunload",
    (event) => {
      if (session.holdsMedia) event.preventDefault();
    },
    listen,
  );
  return () => ended.abort();
}

/** `?encoder=webcodecs` or `?encoder=media-recorder` forces one, to look for a fault. */
function tierOf(search: string): Tier {
  const wanted = new URLSearchParams(search).get("encoder");
  return wanted === "webcodecs" || wanted === "media-recorder" ? wanted : "auto";
}
