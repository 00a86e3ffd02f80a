/** Where the streams go, from the one setting that the page is given at run time. Pure. */
import type { StreamKind } from "@/model/stream";

export interface BackendAddress {
  /** As a person reads it. */
  readonly host: string;
  /** Scheme and host, for whoever has to look into it. */
  readonly origin: string;
  readonly healthUrl: string;
  socketUrl(stream: StreamKind): string;
}

/**
 * @param backendUrl the backend's `https://` (or `http://`) address; empty for the page's own origin.
 * @param pageUrl the page's address.
 * @throws TypeError when `backendUrl` is not an http(s) address.
 */
export function backendAddress(backendUrl: string, pageUrl: string): BackendAddress {
  const base = new URL(backendUrl || "/", pageUrl);
  if (base.protocol !== "https:" && base.protocol !== "http:") {
    throw new TypeError(`The backend's address must begin with https://, not ${base.protocol}`);
  }
  const prefix = base.pathname.replace(/\/+$/, "");
  const socketOrigin = base.origin.replace(/^http/, "ws");
  return {
    host: base.host,
    origin: base.origin,
    healthUrl: `${base.origin}${prefix}/health`,
    socketUrl: (stream) => `${socketOrigin}${prefix}/ws/${stream}`,
  };
}
