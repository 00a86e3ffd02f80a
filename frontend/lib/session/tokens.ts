import type { StreamKind } from "@/model/stream";

/** What each stream says in its `hello` to a guarded backend. */
export type Tokens = Partial<Record<StreamKind, string>>;

/** @returns nothing for an open backend. Rejects with an `Error` whose message is a sentence for the person. */
export type FetchTokens = (session: string) => Promise<Tokens>;

export const noTokens: FetchTokens = async () => ({});

/** Asks the page's own server, which has the backend's secret. */
export const fetchTokens: FetchTokens = async (session) => {
  const response = await fetch("/tokens", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ session }),
  }).catch(() => null);
  if (!response) throw new Error("The page's server does not answer.");
  const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (!response.ok) {
    throw new Error(typeof body.message === "string" ? body.message : "The page's server gives no token.");
  }
  const tokens: Tokens = {};
  if (typeof body.video === "string") tokens.video = body.video;
  if (typeof body.audio === "string") tokens.audio = body.audio;
  return tokens;
};
