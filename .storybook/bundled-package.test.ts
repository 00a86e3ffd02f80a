import path from "node:path";
import { createServer, type ViteDevServer } from "vite";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { bundledPackage } from "./bundled-package.ts";

const source = path.resolve(import.meta.dirname, "../frontend/twincast/src");

let server: ViteDevServer;

beforeAll(async () => {
  // as in a Storybook that no test has opened
  vi.stubEnv("VITEST", "");
  server = await createServer({
    configFile: false,
    root: source,
    logLevel: "silent",
    server: { middlewareMode: true, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true },
    plugins: [bundledPackage(source)],
  });
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

const FACES = ["index", "react", "testing", "watch"];

async function codeOf(url: string): Promise<string> {
  const served = await server.transformRequest(url);
  if (!served) throw new Error(`Nothing is served as ${url}.`);
  return served.code;
}

test.each(FACES)("a browser loads two files of the package at most for what %s exports", async (face) => {
  const loaded = new Set([`/faces/${face}.ts`]);
  // a set gives what is added to it while it is walked, too
  for (const url of loaded)
    for (const [, next = ""] of (await codeOf(url)).matchAll(/^import [^;]*"(\/(?!@|node_modules)[^"]+)"/gm))
      loaded.add(next);
  expect([...loaded].slice(1)).toEqual(["/faces/chunk-of-shared.js?bundled"]);
});

test("the capture's worker is found", async () => {
  await codeOf("/faces/index.ts");
  expect(await codeOf("/faces/chunk-of-shared.js?bundled")).toContain('"/worker/worker.ts?worker_file');
});

test("a change of what the package is made of reaches those who import it", async () => {
  const { moduleGraph } = server.environments.client;
  await codeOf("/faces/index.ts");
  const changed = [...(moduleGraph.getModulesByFile(path.join(source, "session/session.ts")) ?? [])];
  const importers = changed.flatMap((module) => [...module.importers]);
  expect(importers.map((module) => module.url)).toContain("/faces/chunk-of-shared.js?bundled");
});
