import { createRequire } from "node:module";
import { hostname, networkInterfaces } from "node:os";
import { join } from "node:path";
import { ensureBuild } from "../setup/build.mjs";
import { backend, frontend, local, python } from "../setup/paths.mjs";
import { ensurePython } from "../setup/python.mjs";
import { lanAddresses, localName, originOf, servedOrigins } from "./addresses.mjs";
import { banner } from "./banner.mjs";
import { ensureCertificate } from "./certificate.mjs";
import { startGateway } from "./gateway.mjs";
import { EVERYWHERE, findPort, LOOPBACK } from "./ports.mjs";
import { ended, startService, untilReady } from "./services.mjs";

/** A cold `next dev` on a slow laptop answers its first request late. */
const READY_MS = 60_000;

/**
 * Sets up what is missing, brings up the backend, the page and the HTTPS gateway, and serves until one of them ends.
 *
 * @param {import("./options.mjs").StartOptions} options
 * @returns {Promise<never>}
 * @throws {import("../setup/failure.mjs").SetupFailure}
 */
export async function serve({ dev, qr, port, httpsPort, backendPort }) {
  await ensurePython("run");
  if (!dev) await ensureBuild();

  const addresses = lanAddresses(networkInterfaces());
  const name = localName(hostname());
  const names = ["localhost", LOOPBACK, ...(name ? [name] : []), ...addresses];
  const certificate = await ensureCertificate(join(local, "https"), names);

  const apiPort = backendPort ?? (await findPort(8000, LOOPBACK));
  const backendOrigin = originOf("http", LOOPBACK, apiPort);
  const pageOrigin = originOf("http", LOOPBACK, port);
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
    },
    output: "shown",
  });
  const next = createRequire(join(frontend, "package.json")).resolve("next/dist/bin/next");
  const page = startService({
    name: "The page's server",
    command: process.execPath,
    args: [next, dev ? "dev" : "start", "--hostname", LOOPBACK, "--port", String(port)],
    cwd: frontend,
    // Without BACKEND_URL the page uses its own origin, whichever of them that is.
    env: { ...process.env, BACKEND_URL: "", BACKEND_ORIGIN: backendOrigin, NEXT_TELEMETRY_DISABLED: "1" },
    output: "errors",
  });
  await startGateway({ ...certificate, port: httpsPort, host: EVERYWHERE, backendOrigin, pageOrigin });
  await Promise.all([
    untilReady(api, `${backendOrigin}/health`, READY_MS),
    untilReady(page, pageOrigin, READY_MS),
  ]);

  const phones = addresses.map((address) => originOf("https", address, httpsPort));
  const colour = process.stdout.isTTY && !process.env.NO_COLOR;
  console.log(banner({ here: originOf("http", "localhost", port), phones, qr, colour }));

  throw await Promise.race([api, page].map(async (service) => ended(service, await service.ended)));
}
