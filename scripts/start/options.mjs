import { parseArgs } from "node:util";
import { SetupFailure } from "../setup/failure.mjs";

/**
 * @typedef {object} StartOptions
 * @property {boolean} dev whether the page is served by `next dev`, which follows changes of the sources
 * @property {boolean} help
 * @property {boolean} qr whether to draw the QR code
 * @property {number} port of the page on this computer
 * @property {number} httpsPort of the page on the local network
 * @property {number | undefined} backendPort undefined: 8000, or any free one when that is taken
 */

export const HELP = `Starts Twincast: the backend, the page on this computer, and the page over HTTPS for phones.

  npm start [-- options]

  --dev               follow changes of the page's sources (npm run dev)
  --port <n>          the page on this computer              PORT          3000
  --https-port <n>    the page on the local network          HTTPS_PORT    3443
  --backend-port <n>  the backend                            BACKEND_PORT  8000, or a free one
  --no-qr             no QR code                             NO_QR=1
  --help              this text

The names in the third column are environment variables that do the same; options win over them.
`;

/**
 * @param {readonly string[]} args
 * @param {Readonly<Record<string, string | undefined>>} env
 * @returns {StartOptions}
 * @throws {SetupFailure} "bad-option"
 */
export function parseOptions(args, env) {
  const { values } = parse(args);
  const options = {
    dev: values.dev ?? false,
    help: values.help ?? false,
    qr: !(values["no-qr"] ?? Boolean(env.NO_QR && env.NO_QR !== "0")),
    port: portNumber("--port", values.port ?? env.PORT) ?? 3000,
    httpsPort: portNumber("--https-port", values["https-port"] ?? env.HTTPS_PORT) ?? 3443,
    backendPort: portNumber("--backend-port", values["backend-port"] ?? env.BACKEND_PORT),
  };
  const ports = [options.port, options.httpsPort, options.backendPort].filter((port) => port !== undefined);
  if (new Set(ports).size < ports.length) {
    throw new SetupFailure("bad-option", `Two services cannot share a port: ${ports.join(", ")}.`);
  }
  return options;
}

/** @param {readonly string[]} args */
function parse(args) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        dev: { type: "boolean" },
        help: { type: "boolean", short: "h" },
        "no-qr": { type: "boolean" },
        port: { type: "string" },
        "https-port": { type: "string" },
        "backend-port": { type: "string" },
      },
    });
  } catch (error) {
    const [what] = (error instanceof Error ? error.message : String(error)).split(". ");
    throw new SetupFailure("bad-option", `${what}: "npm start -- --help" lists the options.`);
  }
}

/**
 * @param {string} option
 * @param {string | undefined} text
 * @returns {number | undefined}
 */
function portNumber(option, text) {
  if (text === undefined || text === "") return undefined;
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new SetupFailure("bad-option", `${option} wants a port from 1 to 65535, not "${text}".`);
}
