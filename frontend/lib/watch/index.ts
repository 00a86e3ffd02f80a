/** The face of watching: what a page of `/watch` is about, and the phones on it. */
export { connectWatchWindow, createBrowserWatch } from "./browser-watch";
export type { WatchedPhone } from "./viewer/watched-phone";
export type { WatchSession } from "./watch-session";
