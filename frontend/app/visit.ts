/** Who asks for the page, and by which address: what the first screen says, before any code runs in the browser. Pure. */

import { backendAddress, guessPlatform, type Platform } from "twincast/server";

export interface Visit {
  /** Whose menus a person is told to open. */
  readonly platform: Platform;
  /** Scheme and host of the page. */
  readonly pageOrigin: string;
  /** Where the media goes, as a person reads it. */
  readonly backendHost: string;
}

/**
 * @param header of the request, by its name in small letters.
 * @param backendUrl what the setting says; empty for the page's own origin.
 */
export function readVisit(header: (name: string) => string | undefined, backendUrl: string): Visit {
  const host = header("x-forwarded-host") ?? header("host");
  // A chain of proxies lists what each was asked by; the first is the browser's.
  const scheme = header("x-forwarded-proto")?.split(",")[0]?.trim() ?? "http";
  const asked = `${scheme}://${host ?? ""}`;
  const pageOrigin =
    /^https?:\/\/[^/\s]+$/.test(asked) && URL.canParse(asked) ? new URL(asked).origin : "http://localhost";
  return {
    platform: guessPlatform({ userAgent: header("user-agent") ?? "" }).platform,
    pageOrigin,
    backendHost: backendAddress(backendUrl, pageOrigin).host,
  };
}
