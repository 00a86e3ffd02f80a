/** An example of somebody's own page: built with the package as npm packs it, and served as plain files. */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { promisify } from "node:util";
import { root } from "../../tools/paths.ts";
import { ensurePackage } from "../../tools/setup/package.ts";
import { LOOPBACK } from "../../tools/start/ports.ts";

const execute = promisify(execFile);

export interface Served {
  readonly origin: string;
  close(): Promise<void>;
}

/** What the examples and the package install from npm; it is all here already. */
const INSTALLED = [
  "@noble",
  "@types",
  "@vitejs",
  "mediabunny",
  "react",
  "react-dom",
  "typescript",
  "valibot",
  "vite",
];

/**
 * Builds an example outside of this repository, where nothing but its own packages can be found, and checks its types
 * against those of the package.
 *
 * @param name of its folder in `examples/`
 * @param folder where it is to be built
 * @returns the folder of the built page
 */
export async function buildExample(name: string, folder: string): Promise<string> {
  const tarball = await ensurePackage();
  const modules = path.join(folder, "node_modules");
  cpSync(path.join(root, "examples", name), folder, { recursive: true });
  mkdirSync(path.join(modules, "twincast"), { recursive: true });
  await execute("tar", ["-xzf", tarball, "--strip-components=1", "-C", path.join(modules, "twincast")]);
  for (const each of INSTALLED)
    symlinkSync(path.join(root, "node_modules", each), path.join(modules, each), "dir");
  // React mounts twice under StrictMode in development alone, and forgives less.
  const env: NodeJS.ProcessEnv = { ...process.env, NODE_ENV: "development" };
  const runs = (program: string, ...args: string[]) =>
    execute(process.execPath, [path.join(root, "node_modules", program), ...args], { cwd: folder, env });
  await Promise.all([
    runs("typescript/bin/tsc", "--noEmit", "-p", "."),
    runs("vite/bin/vite.js", "build", "--mode", "development", "--logLevel", "warn"),
  ]).catch((error: { stdout?: string; stderr?: string }) => {
    throw new Error(
      `examples/${name} does not build:\n${error.stdout ?? ""}${error.stderr ?? String(error)}`,
    );
  });
  return path.join(folder, "dist");
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
};

/** @param policy what the server says as `Content-Security-Policy`. */
export async function serveFiles(folder: string, policy: string): Promise<Served> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://any");
    const file = path.join(folder, pathname === "/" ? "index.html" : path.normalize(pathname));
    try {
      const body = readFileSync(file);
      response.writeHead(200, {
        "content-type": TYPES[path.extname(file)] ?? "application/octet-stream",
        "content-security-policy": policy,
      });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
  const { port } = server.address() as { port: number };
  return {
    origin: `http://${LOOPBACK}:${port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
