import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { frontend, root } from "../paths.ts";
import { TARBALL_NAME } from "./package.ts";

const read = (...file: string[]) => JSON.parse(readFileSync(join(...file, "package.json"), "utf8"));

it("packs under the name that npm gives the package's version", () => {
  const { name, version } = read(frontend, "twincast");
  expect(TARBALL_NAME).toBe(`${name}-${version}.tgz`);
});

it.each(["vite", "react"])("tests examples/%s with the versions that it names", (example) => {
  const { dependencies, devDependencies } = read(root, "examples", example);
  const { twincast, ...others } = { ...dependencies, ...devDependencies };
  const tested = {
    ...read(frontend).devDependencies,
    ...read(root).devDependencies,
  };
  expect(twincast).toBe(`file:../../frontend/twincast/${TARBALL_NAME}`);
  for (const [name, version] of Object.entries(others))
    expect({ [name]: tested[name] }).toEqual({ [name]: version });
});
