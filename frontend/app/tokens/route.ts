import { type NextRequest, NextResponse } from "next/server";
import { backendAddress, readBackendSetting } from "twincast/server";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TIMEOUT_MS = 5_000;

/**
 * Gives this page's visitors what a guarded backend wants in `hello`: tokens bound to one session, or, from a backend
 * that has no signing key, its shared secret. `BACKEND_SECRET` stays on this server in the first case.
 */
export async function POST(request: NextRequest): Promise<NextResponse> {
  const secret = process.env.BACKEND_SECRET;
  const backend =
    readBackendSetting("BACKEND_URL", process.env.BACKEND_URL) ||
    readBackendSetting("BACKEND_ORIGIN", process.env.BACKEND_ORIGIN);
  if (!secret || !backend) return refuse(404, "no-tokens", "This page needs no tokens.");
  // Browsers send it with every POST; a page of another origin has no business here.
  const origin = request.headers.get("origin");
  const host = request.headers.get("x-forwarded-host") ?? request.headers.get("host");
  // An opaque origin is the word "null": no URL, and no page of this server.
  if (!origin || !URL.canParse(origin) || new URL(origin).host !== host)
    return refuse(403, "wrong-origin", "Ask from the page itself.");

  const body: unknown = await request.json().catch(() => null);
  const session = typeof body === "object" && body !== null && "session" in body ? body.session : null;
  if (typeof session !== "string" || !UUID.test(session)) {
    return refuse(400, "bad-session", "`session` must be a UUID in lower case.");
  }
  try {
    const answer = await fetch(backendAddress(backend, request.url).tokensUrl, {
      method: "POST",
      headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
      body: JSON.stringify({ session }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
      cache: "no-store",
    });
    if (answer.status === 404) return NextResponse.json({ video: secret, audio: secret });
    if (!answer.ok) return refuse(502, "backend-refused", "The backend refused BACKEND_SECRET.");
    const issued = (await answer.json()) as { video: string; audio: string; expires_in: number };
    const { video, audio, expires_in: lifetimeS } = issued;
    return NextResponse.json({ video, audio, lifetimeMs: lifetimeS * 1_000 });
  } catch {
    return refuse(502, "backend-silent", "The backend does not answer.");
  }
}

function refuse(status: number, code: string, message: string): NextResponse {
  return NextResponse.json({ code, message }, { status });
}
