/**
 * Looks for the backend before anything is recorded.
 */
import type { BackendFinding } from "@/model/backend";
import { WRONG_ORIGIN } from "../protocol/close-codes";
import { SUBPROTOCOL } from "../protocol/frames";
import { type OpenSocket, openBrowserSocket } from "../transport/socket";
import type { BackendAddress } from "./backend-address";

const PATIENCE_MS = 5_000;

/** Never rejects. */
export async function checkBackend(
  backend: Pick<BackendAddress, "healthUrl" | "socketUrl">,
  fetch: typeof globalThis.fetch = globalThis.fetch.bind(globalThis),
  openSocket: OpenSocket = openBrowserSocket,
): Promise<BackendFinding> {
  try {
    const response = await fetch(backend.healthUrl, {
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return response.ok && isHealth(await response.json().catch(() => null)) ? "answers" : "not-a-backend";
  } catch {
    // A refusal by CORS, a dead host and the error page of a proxy before a dead host look the same to a page. Only the
    // backend itself closes a socket with this code.
    const code = await closeCode(backend.socketUrl("video"), openSocket);
    return code === WRONG_ORIGIN ? "refuses-origin" : "silent";
  }
}

/** @returns the code with which the other side closes, or undefined when it does not. */
function closeCode(url: string, openSocket: OpenSocket): Promise<number | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      socket.abandon();
      resolve(undefined);
    }, PATIENCE_MS);
    const socket = openSocket(url, SUBPROTOCOL, {
      open: () => {},
      text: () => {},
      closed: (code) => {
        clearTimeout(timer);
        resolve(code);
      },
    });
  });
}

function isHealth(body: unknown): boolean {
  return typeof body === "object" && body !== null && "status" in body;
}
