import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { hostname, networkInterfaces } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { backend, frontend, local, python } from "../paths.ts";
import { serviceFailure, startService, untilReady } from "../services.ts";
import { lanAddresses, localName, originOf, servedOrigins } from "./addresses.ts";
import { banner } from "./banner.ts";
import { ensureCertificate } from "./certificate.ts";
import { startGateway } from "./gateway.ts";
import type { StartOptions } from "./options.ts";
import { EVERYWHERE, findPort, LOOPBACK } from "./ports.ts";

/** A cold `next dev` on a slow laptop answers its first request late. */
const READY_MS = 60_000;

/** Of the key in the watch page's link: as hard to guess as a session's UUID. */
const WATCH_KEY_BYTES = 18;

/** How much of what the page's server says is kept, for the case that it dies. */
const KEEP_CHARS = 4_000;

/** Calls back for each line of this text at the terminal; where nobody types, never. */
function onLine(text: string, callback: () => void): void {
  if (!process.stdin.isTTY) return;
  createInterface({ input: process.stdin }).on("line", (line) => line.trim() === text && callback());
  // Waiting for a key keeps nobody from ending.
  process.stdin.unref();
}

/**
 * Brings up the backend, the page and the HTTPS gateway, and serves until one of them ends.
 *
 * @throws {SetupFailure} when something cannot be set up, or has ended
 */
export async function serve({ dev, qr, port, httpsPort, backendPort }: StartOptions): Promise<never> {
  const addresses = lanAddresses(networkInterfaces());
  const name = localName(hostname());
  const names = ["localhost", LOOPBACK, ...(name ? [name] : []), ...addresses];
  const certificate = await ensureCertificate(join(local, "https"), names);

  const apiPort = backendPort ?? (await findPort(8000, LOOPBACK));
  const backendOrigin = originOf("http", LOOPBACK, apiPort);
  const pageOrigin = originOf("http", LOOPBACK, port);
  const phones = addresses.map((address) => originOf("https", address, httpsPort));
  // Another one with every start, so that a link that was passed on does not hold for ever.
  const watchKey = process.env.WATCH_KEY || randomBytes(WATCH_KEY_BYTES).toString("base64url");
  const api = startService({
    name: "The backend",
    command: python.executable,
    args: ["main.py"],
    cwd: backend,
    env: {
      ...process.env,
      HOST: LOOPBACK,
      PORT: String(apiPort),
      ALLOWED_ORIGINS: servedOrigins({ port, httpsPort, names }).join(","),
      WATCH_KEY: watchKey,
    },
    shows: "all",
  });
  const next = createRequire(join(frontend, "package.json")).resolve("next/dist/bin/next");
  const page = startService({
    name: "The page's server",
    command: process.execPath,
    args: [next, dev ? "dev" : "start", "--hostname", LOOPBACK, "--port", String(port)],
    cwd: frontend,
    // Without BACKEND_URL the page uses its own origin, whichever of them that is.
    env: {
      ...process.env,
      BACKEND_URL: "",
      BACKEND_ORIGIN: backendOrigin,
      // What the page on this computer shows for a phone to scan.
      ...(phones[0] && { PHONE_URL: phones[0] }),
      NEXT_TELEMETRY_DISABLED: "1",
    },
    shows: "errors",
    keepChars: KEEP_CHARS,
  });
  await startGateway({ ...certificate, port: httpsPort, host: EVERYWHERE, backendOrigin, pageOrigin });
  await Promise.all([
    untilReady(api, `${backendOrigin}/health`, READY_MS),
    untilReady(page, pageOrigin, READY_MS),
  ]);

  const colour = process.stdout.isTTY && !process.env.NO_COLOR;
  const here = originOf("http", "localhost", port);
  const show = () =>
    console.log(banner({ here, phones, watchKey, qr, colour, columns: process.stdout.columns ?? 100 }));
  show();
  console.log("  From here on, one line per chunk that the backend receives:\n");
  onLine("q", show);

  throw await Promise.race([api, page].map(async (service) => serviceFailure(service, await service.ended)));
}
