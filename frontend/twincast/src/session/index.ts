/** The face of a session: what makes one, what it is in, and how its backend is addressed. */

export type {
  Devices,
  Figures,
  Media,
  Session,
  Settings,
  Stream,
} from "./api";
export type { Arrival } from "./arrival";
export type { BackendAddress } from "./backend-address";
export { type CreateSessionOptions, createSession } from "./create-session";
export type { Missing, SessionEvent } from "./events";
export type { OwnTracks } from "./own-tracks";
export type { SessionPhase } from "./phase";
export { type FetchTokens, fetchTokensFrom, type IssuedTokens, type Tokens } from "./tokens";
