/**
 * The session of this browser: the real devices, workers and clock put into `Session`, and the window's events led
 * to it.
 */

import { AudioInput } from "../capture/audio-input";
import { acquire } from "../capture/devices";
import { createLevelSource } from "../capture/level";
import { MediaRecorderEncoder } from "../capture/media-recorder";
import { backendAddress } from "./backend-address";
import { checkBackend } from "./backend-check";
import { Session } from "./session";
import { createStreamLink } from "./stream-link";

/** Enough for 720p at arm's length, and for speech in Opus. */
const BITS_PER_SECOND = { video: 1_500_000, audio: 48_000 };

/** @param backendUrl the backend's address, or "" for the page's own origin. */
export function createBrowserSession(backendUrl: string): Session {
  return new Session({
    backend: backendAddress(backendUrl, location.href),
    checkBackend,
    userAgent: navigator.userAgent,
    acquire,
    createLink: createStreamLink,
    createEncoder: (kind, onFailure) =>
      new MediaRecorderEncoder({
        kind,
        bitsPerSecond: BITS_PER_SECOND[kind],
        reason: "the only encoder here",
        onFailure,
      }),
    openLevel: (track) => {
      try {
        return createLevelSource(new AudioInput(track));
      } catch {
        // A meter is a comfort; the stream goes on without it.
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
