/** The watching of this browser: its workers, loudspeaker and clock put into `WatchSession`, and the window's events. */
import { systemClock } from "../clock";
import { backendAddress } from "../session/backend-address";
import { missingForWatching, openViewerWorker } from "./viewer/open-viewer";
import { SoundOutput } from "./viewer/sound-output";
import { WatchApi } from "./watch-list";
import { WatchSession } from "./watch-session";

/** @param backendUrl the backend's address, or "" for the page's own origin. */
export function createBrowserWatch(backendUrl: string): WatchSession {
  const backend = backendAddress(backendUrl, location.href);
  return new WatchSession({
    socketUrl: backend.watchSocketUrl,
    api: new WatchApi(backend.origin),
    openViewer: openViewerWorker,
    sound: new SoundOutput(),
    clock: systemClock,
    missing: missingForWatching(),
    key: keyOfAddress(),
  });
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
  watch.start();
  return () => {
    ended.abort();
    watch.close();
  };
}
