import { type NextRequest, NextResponse } from "next/server";
import { backendAddress } from "twincast/server";
import { framingHeaders, readFrameAncestors } from "./app/frame-ancestors";

/** What the backend answers. `/watch` itself is a page; what it asks for lies below. */
const BACKENDS = /^\/(ws(\/.*)?|health|streams|watch\/.+|recordings(\/.*)?)$/;

/**
 * What depends on the settings of the running server: `headers()` and `rewrites()` in next.config.ts would be frozen at
 * build time. Says who may frame a page, and carries the backend's paths, sockets included, for a page that has no
 * `BACKEND_URL` and so talks to its own origin.
 */
export function proxy({ nextUrl: { pathname, search, href } }: NextRequest) {
  const answer = answerTo(pathname, search, href);
  const headers = framingHeaders(readFrameAncestors(process.env.FRAME_ANCESTORS));
  for (const [name, value] of Object.entries(headers)) answer.headers.set(name, value);
  return answer;
}

function answerTo(pathname: string, search: string, href: string): NextResponse {
  const origin = process.env.BACKEND_ORIGIN;
  if (!origin || !BACKENDS.test(pathname)) return NextResponse.next();
  const { origin: backend } = backendAddress(origin, href);
  return NextResponse.rewrite(`${backend}${pathname}${search}`);
}

export const config = {
  // All but the files of the build, which are no pages, and what `next dev` has beside them.
  matcher: ["/((?!_next/).*)"],
};
