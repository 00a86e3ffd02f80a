import { existsSync } from "node:fs";
import { networkInterfaces } from "node:os";
import path from "node:path";
import type { NextConfig } from "next";

/** `next dev` refuses pages and hot reloading to other hosts; a phone on the same network is one. */
const lanAddresses = Object.values(networkInterfaces())
  .flat()
  .flatMap((address) => (address && !address.internal && address.family === "IPv4" ? [address.address] : []));

const repository = path.join(import.meta.dirname, "..");

/** Where the packages are: npm hoists them to the workspace's root; a deployment is built from this folder alone. */
const packagesRoot = existsSync(path.join(repository, "package-lock.json"))
  ? repository
  : import.meta.dirname;

const nextConfig: NextConfig = {
  outputFileTracingRoot: packagesRoot,
  turbopack: { root: packagesRoot },
  poweredByHeader: false,
  reactCompiler: true,
  typedRoutes: true,
  agentRules: false,
  devIndicators: false,
  allowedDevOrigins: lanAddresses,
  // Stories and tests need packages that a deployment does not install.
  typescript: { tsconfigPath: "tsconfig.build.json" },
  headers: async () => [
    {
      source: "/:path*",
      headers: [
        {
          key: "Permissions-Policy",
          value: "camera=(self), microphone=(self), screen-wake-lock=(self)",
        },
        { key: "Referrer-Policy", value: "strict-origin-when-cross-origin" },
        { key: "X-Content-Type-Options", value: "nosniff" },
      ],
    },
  ],
};

export default nextConfig;
