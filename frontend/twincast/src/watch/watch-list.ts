/** What there is to watch, and what opens it, as the backend says over HTTP (protocol/watch.md). */
import { array, boolean, number, object, optional, safeParse, string, unknown } from "valibot";
import type { StreamKind } from "../model/stream";

export interface ListedPhone {
  readonly watchId: string;
  readonly kinds: readonly StreamKind[];
  readonly userAgent: string | null;
}

export type WatchListing =
  | { readonly kind: "phones"; readonly phones: readonly ListedPhone[]; readonly hasRecordings: boolean }
  | WatchRefusal;

export type WatchRefusal =
  | { readonly kind: "not-allowed" }
  | { readonly kind: "switched-off" }
  /** Nothing answers, or nothing that a page of this origin may read. */
  | { readonly kind: "silent" };

const listing = object({
  hasRecordings: boolean(),
  sessions: array(
    object({
      watchId: string(),
      since: number(),
      userAgent: optional(string()),
      streams: object({ video: optional(unknown()), audio: optional(unknown()) }),
    }),
  ),
});

const issued = object({ token: string() });

const TIMEOUT_MS = 5_000;
/** Pictures first, as everywhere. */
const KINDS = ["video", "audio"] as const;

/** Asks by HTTP, and never with what opens the backend in an address. */
export class WatchApi {
  readonly #origin: string;

  /** @param origin scheme, host and path of the backend. */
  constructor(origin: string) {
    this.#origin = origin;
  }

  /** @returns always: whatever goes wrong has a name. */
  async list(token: string | null): Promise<WatchListing> {
    const response = await this.#ask("/watch/streams", "GET", token);
    if (!(response instanceof Response)) return response;
    const read = safeParse(listing, await response.json().catch(() => null));
    if (!read.success) return { kind: "silent" };
    const { sessions, hasRecordings } = read.output;
    return {
      kind: "phones",
      hasRecordings,
      phones: sessions.map(({ watchId, userAgent, streams }) => ({
        watchId,
        userAgent: userAgent ?? null,
        kinds: KINDS.filter((kind) => streams[kind] !== undefined),
      })),
    };
  }

  /** Exchanges the key, which nothing keeps, for a token that ends by itself. */
  async tokenFor(key: string): Promise<{ readonly kind: "token"; readonly token: string } | WatchRefusal> {
    const response = await this.#ask("/watch/tokens", "POST", key);
    if (!(response instanceof Response)) return response;
    const read = safeParse(issued, await response.json().catch(() => null));
    return read.success ? { kind: "token", token: read.output.token } : { kind: "silent" };
  }

  async #ask(path: string, method: "GET" | "POST", bearer: string | null): Promise<Response | WatchRefusal> {
    const response = await fetch(`${this.#origin}${path}`, {
      method,
      headers: {
        ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
        ...(method === "POST" && { "content-type": "application/json" }),
      },
      ...(method === "POST" && { body: "{}" }),
      cache: "no-store",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch(() => null);
    if (response?.ok) return response;
    switch (response?.status) {
      case 401:
        return { kind: "not-allowed" };
      case 403:
        return { kind: "switched-off" };
      default:
        return { kind: "silent" };
    }
  }
}
