import { globSync, readFileSync } from "node:fs";
import { join, matchesGlob } from "node:path";
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

describe("what a deployment builds", () => {
  const { exclude } = JSON.parse(readFileSync(join(frontend, "tsconfig.build.json"), "utf8"));
  const files = globSync("**/*.{ts,tsx}", { cwd: frontend }).filter(
    (file) =>
      ![".next/**", ...exclude].some((glob) => matchesGlob(file, glob) || file.startsWith(`${glob}/`)),
  );

  it("imports no package that a deployment does not install", () => {
    expect(files.length).toBeGreaterThan(200);
    const installed = ["package.json", "twincast/package.json"].flatMap((file) => {
      const { dependencies, devDependencies = {} } = JSON.parse(readFileSync(join(frontend, file), "utf8"));
      return [...Object.keys(dependencies), ...Object.keys(devDependencies)];
    });
    const imported = files.flatMap((file) =>
      [...readFileSync(join(frontend, file), "utf8").matchAll(/(?:from|import)\s*\(?"([\w@][^"]*)"/g)]
        .map(([, name = ""]) => /^(@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name)
        .filter((name) => !name.startsWith("node:") && name !== "@")
        .map((name) => ({ file, name })),
    );
    expect(imported.length).toBeGreaterThan(100);
    expect(imported.filter(({ name }) => !installed.includes(name))).toEqual([]);
  });
});

describe("the Node version", () => {
  it("is the same for this repository and for the frontend's build", () => {
    expect(readFileSync(join(frontend, ".node-version"), "utf8")).toBe(
      readFileSync(join(root, ".node-version"), "utf8"),
    );
  });
});
