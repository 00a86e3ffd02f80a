import { type NextRequest, NextResponse } from "next/server";
import { backendAddress } from "./lib/session/backend-address";

/**
 * Carries the backend's paths, sockets included, for a page that has no `BACKEND_URL` and so talks to its own origin.
 * Read at run time: `rewrites()` in next.config.ts would be frozen at build time.
 */
export function proxy({ nextUrl: { pathname, search, href } }: NextRequest) {
  const origin = process.env.BACKEND_ORIGIN;
  if (!origin) return NextResponse.next();
  const { origin: backend } = backendAddress(origin, href);
  return NextResponse.rewrite(`${backend}${pathname}${search}`);
}

export const config = {
  matcher: [
    "/ws/:path*",
    "/health",
    "/streams",
    // `/watch` itself is a page; what it asks for lies below.
    "/watch/:path+",
    "/recordings/:path*",
  ],
};
