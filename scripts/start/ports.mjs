import { createServer } from "node:net";
import { SetupFailure } from "../setup/failure.mjs";

/**
 * Tries to listen on a port, and lets go of it.
 *
 * @param {number} port 0 for any free one
 * @param {string} host
 * @returns {Promise<{ free: true, port: number } | { free: false, reason: string }>} `reason`: the system's error code
 */
function tryPort(port, host) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (/** @type {NodeJS.ErrnoException} */ error) =>
      resolve({ free: false, reason: error.code ?? error.message }),
    );
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === "object" && address ? address.port : port;
      server.close(() => resolve({ free: true, port: bound }));
    });
  });
}

/** The backend and the page listen here only; the network reaches them through the HTTPS gateway. */
export const LOOPBACK = "127.0.0.1";

/** Every IPv4 address of this computer. */
export const EVERYWHERE = "0.0.0.0";

/**
 * Looks at every port that a start needs: better now than after a long installation.
 *
 * @param {import("./options.mjs").StartOptions} options
 * @throws {SetupFailure} "port-in-use" or "port-forbidden"
 */
export async function requirePorts({ port, httpsPort, backendPort }) {
  await requirePort({ port, host: LOOPBACK, what: "the page", option: "--port" });
  await requirePort({ port: httpsPort, host: EVERYWHERE, what: "phones", option: "--https-port" });
  if (backendPort) {
    await requirePort({ port: backendPort, host: LOOPBACK, what: "the backend", option: "--backend-port" });
  }
}

/**
 * @param {{ port: number, host: string, what: string, option: string }} wanted `what`: who wants it, for the person;
 *   `option`: the option of npm start that chooses another
 * @throws {SetupFailure} "port-in-use" or "port-forbidden"
 */
export async function requirePort({ port, host, what, option }) {
  const tried = await tryPort(port, host);
  if (tried.free) return;
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

/**
 * @param {number} preferred
 * @param {string} host
 * @returns {Promise<number>} the preferred port when it is free, else any free one
 */
export async function findPort(preferred, host) {
  for (const port of [preferred, 0]) {
    const tried = await tryPort(port, host);
    if (tried.free) return tried.port;
  }
  throw new SetupFailure("port-forbidden", `No port can be opened on ${host}: is the loopback network up?`);
}
