/**
 * Looks for the backend before anything is recorded, by both ways that a page has to it: a request, and a WebSocket.
 * Networks and proxies exist that let only the first through.
 */
import type { BackendFinding } from "../model/backend";
import { WRONG_ORIGIN } from "../protocol/close-codes";
import { SUBPROTOCOL } from "../protocol/frames";
import { type OpenSocket, openBrowserSocket } from "../transport";
import type { BackendAddress } from "./backend-address";

const PATIENCE_MS = 5_000;
/** What answers to requests refuses a socket in the same breath in which it opens it. */
const REFUSAL_MS = 300;

/** Never rejects. */
export async function checkBackend(
  backend: Pick<BackendAddress, "healthUrl" | "socketUrl" | "isBlocked">,
  fetch: typeof globalThis.fetch = globalThis.fetch.bind(globalThis),
  openSocket: OpenSocket = openBrowserSocket,
): Promise<BackendFinding> {
  if (backend.isBlocked) return "insecure-address";
  const health = await askHealth(backend.healthUrl, fetch);
  if (health === "other") return "not-a-backend";
  // Not even a refusal: a socket would say no more, and in Firefox would keep its connection for minutes.
  if (health === "hung") return "silent";
  const refusalMs = health === "ok" ? REFUSAL_MS : PATIENCE_MS;
  const socket = await trySocket(backend.socketUrl("video"), openSocket, refusalMs);
  // Only the backend itself closes a socket with this code.
  if (socket === WRONG_ORIGIN) return "refuses-origin";
  // A refusal by CORS, a dead host and the error page of a proxy before a dead host look the same to a page.
  if (health === "none") return "silent";
  return socket === "opened" ? "answers" : "no-live-connection";
}

/** `other`: what answers is not the backend. `none`: no answer that a page may see. `hung`: nothing came at all. */
async function askHealth(
  url: string,
  fetch: typeof globalThis.fetch,
): Promise<"ok" | "other" | "none" | "hung"> {
  try {
    const response = await fetch(url, {
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return response.ok && isHealth(await response.json().catch(() => null)) ? "ok" : "other";
  } catch (error) {
    return error instanceof DOMException && error.name === "TimeoutError" ? "hung" : "none";
  }
}

/**
 * Says nothing on it.
 *
 * @param refusalMs so long a refusal may take after the socket has opened: the backend opens a socket that it refuses, to
 *   say why, and closes it at once
 * @returns the code with which it closed before it opened, or was refused
 */
function trySocket(
  url: string,
  openSocket: OpenSocket,
  refusalMs: number,
): Promise<"opened" | "nothing" | number> {
  return new Promise((resolve) => {
    let socket: ReturnType<OpenSocket> | undefined;
    const end = (result: "opened" | "nothing" | number) => {
      clearTimeout(timer);
      resolve(result);
    };
    const timer = setTimeout(() => {
      socket?.abandon();
      end("nothing");
    }, PATIENCE_MS);
    let settle: ReturnType<typeof setTimeout> | undefined;
    try {
      socket = openSocket(url, SUBPROTOCOL, {
        open: () => {
          settle = setTimeout(() => {
            socket?.abandon();
            end("opened");
          }, refusalMs);
        },
        text: () => {},
        closed: (code) => {
          // A backend that is full is one, and tells the stream itself.
          end(settle === undefined || code === WRONG_ORIGIN ? code : "opened");
          clearTimeout(settle);
        },
      });
    } catch {
      // An address that no browser connects to.
      end("nothing");
    }
  });
}

function isHealth(body: unknown): boolean {
  return typeof body === "object" && body !== null && "status" in body;
}
