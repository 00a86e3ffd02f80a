/** Where the streams go, from the one setting that the page is given at run time. Pure. */
import { isThisDevice } from "../model/secure-address";
import type { StreamKind } from "../model/stream";
import { readBackendSetting } from "./backend-setting";

/** A backend's addresses, made of the one that a person writes. */
export interface BackendAddress {
  /** As a person reads it. */
  readonly host: string;
  /** Scheme, host and path, for whoever has to look into it. */
  readonly origin: string;
  /** Where a page asks whether the backend is there. */
  readonly healthUrl: string;
  /** Where the page's server asks for tokens. */
  readonly tokensUrl: string;
  /** Whether browsers refuse to connect from this page: `http://` from `https://`, other than to this very device. */
  readonly isBlocked: boolean;
  /**
   * Where a WebSocket is opened: `wss://`, or `ws://` where the backend's own address is `http://`.
   *
   * @param path `watch` for whoever looks at what the backend receives.
   */
  socketUrl(path: StreamKind | "watch"): string;
}

/** Paths that the backend has itself, and that people copy with its address. */
const OWN_PATHS = /\/(health|ws|ws\/video|ws\/audio|ws\/watch)$/;

/**
 * Makes all addresses of a backend from one.
 *
 * @param backendUrl what the setting says; empty for the page's own origin.
 * @param pageUrl the page's address.
 * @throws TypeError when `backendUrl` cannot be an address.
 */
export function backendAddress(backendUrl: string, pageUrl: string): BackendAddress {
  const page = new URL(pageUrl);
  const base = new URL(readBackendSetting("BACKEND_URL", backendUrl) || "/", page);
  const prefix = base.pathname.replace(/\/+$/, "").replace(OWN_PATHS, "");
  const socketOrigin = base.origin.replace(/^http/, "ws");
  return {
    host: base.host,
    origin: `${base.origin}${prefix}`,
    healthUrl: `${base.origin}${prefix}/health`,
    tokensUrl: `${base.origin}${prefix}/tokens`,
    isBlocked: page.protocol === "https:" && base.protocol === "http:" && !isThisDevice(base.hostname),
    socketUrl: (path) => `${socketOrigin}${prefix}/ws/${path}`,
  };
}
