/** The watching of this browser: its workers, loudspeaker and clock put into `WatchSession`, and the window's events. */
import { systemClock } from "../clock";
import { backendAddress } from "../session/backend-address";
import { RecordingsApi } from "./recordings/recordings-api";
import { RecordingsBrowser } from "./recordings/recordings-browser";
import { missingForWatching, openViewerWorker } from "./viewer/open-viewer";
import { SoundOutput } from "./viewer/sound-output";
import { WatchApi } from "./watch-list";
import { WatchSession } from "./watch-session";

/** What a page of `/watch` has: what is live, and what is recorded. */
export interface BrowserWatch {
  /** What the backend receives now. */
  readonly live: WatchSession;
  /** What it has written to files; the key or token that was given to `live` opens this as well. */
  readonly recordings: RecordingsBrowser;
}

/**
 * Makes what watches a backend from this page. Nothing is asked before `live.start()`. A key in the page's
 * address (behind the `#`, as `key=…`) is taken out of the address, and exchanged for a token then.
 *
 * @param backendUrl the backend's address, or "" for the page's own origin.
 * @throws {UnusableSetting} when it cannot be an address.
 */
export function createBrowserWatch(backendUrl: string): BrowserWatch {
  const backend = backendAddress(backendUrl, location.href);
  const live = new WatchSession({
    socketUrl: backend.socketUrl("watch"),
    api: new WatchApi(backend.origin),
    openViewer: openViewerWorker,
    sound: new SoundOutput(),
    clock: systemClock,
    missing: missingForWatching(),
    key: keyOfAddress(),
  });
  const api = new RecordingsApi(backend.origin, () => live.token);
  return { live, recordings: new RecordingsBrowser({ api, clock: systemClock, save: saveFile }) };
}

/** The browser's own way of saving: it asks, or takes its folder. */
function saveFile(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has taken the file by then; without this it would keep it as long as the page.
  systemClock.after(60_000, () => URL.revokeObjectURL(link.href));
}

/** The printed link carries it behind the `#`, which browsers send nowhere; it is taken out of the address at once. */
function keyOfAddress(): string | null {
  const key = new URLSearchParams(location.hash.slice(1)).get("key");
  if (key !== null) history.replaceState(null, "", location.pathname + location.search);
  return key;
}

/** Tells the watching what happens around the page. @returns what ends it. */
export function connectWatchWindow(watch: WatchSession): () => void {
  const ended = new AbortController();
  const listen = { signal: ended.signal };
  const look = () => watch.visible(document.visibilityState === "visible");
  document.addEventListener("visibilitychange", look, listen);
  window.addEventListener("online", () => watch.retry(), listen);
  // A return from the back-forward cache fires `pageshow` and not `visibilitychange`.
  window.addEventListener("pageshow", (event) => event.persisted && look(), listen);
  look();
  return () => {
    ended.abort();
    watch.close();
  };
}
