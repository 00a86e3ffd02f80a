import { type AddressInfo, createServer } from "node:net";
import { SetupFailure } from "../setup/failure.ts";
import type { StartOptions } from "./options.ts";

type Tried =
  | { readonly free: true; readonly port: number }
  /** `reason`: the system's error code. */
  | { readonly free: false; readonly reason: string };

/**
 * Tries to listen on a port, and lets go of it.
 *
 * @param port 0 for any free one
 */
function tryPort(port: number, host: string): Promise<Tried> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) =>
      resolve({ free: false, reason: error.code ?? error.message }),
    );
    server.listen({ port, host, exclusive: true }, () => {
      const { port: bound } = server.address() as AddressInfo;
      server.close(() => resolve({ free: true, port: bound }));
    });
  });
}

/** The backend and the page listen here only; the network reaches them through the HTTPS gateway. */
export const LOOPBACK = "127.0.0.1";

/** What a browser asks first when it is told `localhost`. */
const LOOPBACK_6 = "::1";

/** What the system says where there is no IPv6. */
const NO_SUCH_ADDRESS = ["EADDRNOTAVAIL", "EAFNOSUPPORT", "EINVAL"];

/** Every IPv4 address of this computer. */
export const EVERYWHERE = "0.0.0.0";

/**
 * Looks at every port that a start needs: better now than after a long installation.
 *
 * @throws {SetupFailure} "port-in-use" or "port-forbidden"
 */
export async function requirePorts(
  options: Pick<StartOptions, "port" | "httpsPort" | "backendPort">,
): Promise<void> {
  const { port, httpsPort, backendPort } = options;
  await requirePort({ port, host: LOOPBACK, what: "the page", option: "--port" });
  await requirePort({ port: httpsPort, host: EVERYWHERE, what: "phones", option: "--https-port" });
  if (backendPort) {
    await requirePort({ port: backendPort, host: LOOPBACK, what: "the backend", option: "--backend-port" });
  }
}

/**
 * @param wanted `what`: who wants it, for the person; `option`: the option of npm start that chooses another
 * @throws {SetupFailure} "port-in-use" or "port-forbidden"
 */
async function requirePort(wanted: {
  port: number;
  host: string;
  what: string;
  option: string;
}): Promise<void> {
  const { port, host, what, option } = wanted;
  let tried = await tryPort(port, host);
  if (tried.free) {
    // Another server on ::1 alone would show its page under the address that is printed here.
    tried = await tryPort(port, LOOPBACK_6);
    if (tried.free || NO_SUCH_ADDRESS.includes(tried.reason)) return;
  }
  const another = port + 1 > 65_535 ? port - 1 : port + 1;
  if (tried.reason === "EADDRINUSE") {
    throw new SetupFailure(
      "port-in-use",
      `Port ${port} for ${what} is in use: stop the program that has it (another Twincast?), or take another port with "npm start -- ${option} ${another}".`,
    );
  }
  throw new SetupFailure(
    "port-forbidden",
    `Port ${port} for ${what} cannot be opened (${tried.reason}): take another one with "npm start -- ${option} ${port < 1024 ? port + 8000 : another}".`,
  );
}

/** @returns the preferred port when it is free, else any free one */
export async function findPort(preferred: number, host: string): Promise<number> {
  for (const port of [preferred, 0]) {
    const tried = await tryPort(port, host);
    if (tried.free) return tried.port;
  }
  throw new SetupFailure("port-forbidden", `No port can be opened on ${host}: is the loopback network up?`);
}
