/**
 * What the page knows of a session. Beside this face stand its hook, `use-source`, since nothing here knows React, and
 * `backend-setting` and `visit`, which are for the page's server.
 */

export type { Arrival } from "./arrival";
export { connectWindow, createBrowserSession, guessPlatform, type PageSettings } from "./browser-session";
export type { SessionPhase } from "./phase";
export type { Session } from "./session";
export { type InputState, SILENCE_MS } from "./session-devices";
export type { SegmentInfo, StreamSession } from "./stream-session";
