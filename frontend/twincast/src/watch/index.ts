/** The face of watching: what a page of `/watch` is about, the phones on it, and what is recorded. */
export { type BrowserWatch, connectWatchWindow, createBrowserWatch } from "./browser-watch";
export type { RecordingPlayer } from "./recordings/player";
export type { OpenRecording, RecordingsBrowser } from "./recordings/recordings-browser";
export type { WatchedPhone } from "./viewer/watched-phone";
export type { WatchSession } from "./watch-session";
