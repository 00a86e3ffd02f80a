import { createSession, fetchTokensFrom } from "twincast";

/** For a backend that wants tokens: the page's own server has the secret, and gives them out. */
export const guardedSession = (backend: string) =>
  createSession({ backend, fetchTokens: fetchTokensFrom("/tokens") });
