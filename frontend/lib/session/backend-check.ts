/**
 * Looks for the backend before anything is recorded.
 */
export type BackendFinding = "answers" | "silent" | "not-a-backend" | "refuses-origin";

const PATIENCE_MS = 5_000;

/** @param healthUrl the backend's `/health`. Never rejects. */
export async function checkBackend(
  healthUrl: string,
  fetch: typeof globalThis.fetch = globalThis.fetch.bind(globalThis),
): Promise<BackendFinding> {
  const options = (): RequestInit => ({
    cache: "no-store",
    credentials: "omit",
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  try {
    const response = await fetch(healthUrl, options());
    return response.ok && isHealth(await response.json().catch(() => null)) ? "answers" : "not-a-backend";
  } catch {
    // A refusal by CORS and a dead host look the same; a request that may not be read tells them apart.
    try {
      await fetch(healthUrl, { ...options(), mode: "no-cors" });
      return "refuses-origin";
    } catch {
      return "silent";
    }
  }
}

function isHealth(body: unknown): boolean {
  return typeof body === "object" && body !== null && "status" in body;
}
