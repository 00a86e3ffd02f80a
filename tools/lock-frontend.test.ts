import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { frontend, root } from "./paths.ts";

interface LockEntry {
  readonly version: string;
  readonly integrity: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const readPackages = (folder: string): Record<string, LockEntry> =>
  JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8")).packages;

const HINT = 'run "npm run lock:frontend"';

describe("frontend/package-lock.json", () => {
  const workspace = readPackages(root);
  const own = readPackages(frontend);
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(frontend, "package.json"), "utf8"));

  it("is for the dependencies of frontend/package.json as they are", () => {
    expect(own[""], HINT).toMatchObject({ dependencies, devDependencies });
  });

  it("installs what the workspace's lock installs for the frontend", () => {
    const packages = Object.entries(own).filter(([path]) => path !== "");
    expect(packages.length).toBeGreaterThan(20);
    for (const [path, { version, integrity }] of packages) {
      const same = workspace[`frontend/${path}`] ?? workspace[path];
      expect({ path, version: same?.version, integrity: same?.integrity }, HINT).toEqual({
        path,
        version,
        integrity,
      });
    }
  });

  it("names the packages of every platform, so that it installs on Railway's too", () => {
    const names = new Set(Object.keys(own).map((path) => path.slice(path.lastIndexOf("node_modules/") + 13)));
    for (const [path, { optionalDependencies = {} }] of Object.entries(own)) {
      for (const name of Object.keys(optionalDependencies)) {
        expect(names.has(name), `${path} may install ${name}; ${HINT}`).toBe(true);
      }
    }
  });
});

describe("the Node version", () => {
  it("is the same for this repository and for the frontend's build", () => {
    expect(readFileSync(join(frontend, ".node-version"), "utf8")).toBe(
      readFileSync(join(root, ".node-version"), "utf8"),
    );
  });
});
