import { parseArgs } from "node:util";
import { SetupFailure } from "../setup/failure.ts";

export interface StartOptions {
  /** Whether the page is served by `next dev`, which follows changes of the sources. */
  readonly dev: boolean;
  readonly help: boolean;
  /** Whether to draw the QR code. */
  readonly qr: boolean;
  /** Of the page on this computer. */
  readonly port: number;
  /** Of the page on the local network. */
  readonly httpsPort: number;
  /** Undefined: 8000, or any free one when that is taken. */
  readonly backendPort: number | undefined;
}

export const HELP = `Starts Twincast: the backend, the page on this computer, and the page over HTTPS
for phones.

  npm start [-- options]

  --dev               follow changes of the page's sources (npm run dev)
  --port <n>          the page on this computer      PORT          3000
  --https-port <n>    the page on the local network  HTTPS_PORT    3443
  --backend-port <n>  the backend                    BACKEND_PORT  8000
  --no-qr             no QR code                     NO_QR=1
  --help              this text

The names in the third column are environment variables that do the same;
options win over them. Where 8000 is taken, the backend takes a free port.
`;

/** @throws {SetupFailure} "bad-option" */
export function parseOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): StartOptions {
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

function parse(args: readonly string[]) {
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

function portNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new SetupFailure("bad-option", `${option} wants a port from 1 to 65535, not "${text}".`);
}
