import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { frontend } from "./paths.ts";

/** Set by Node and Next.js themselves. */
const NOT_SETTINGS = ["NODE_ENV", "NEXT_RUNTIME"];

it("frontend/.env.example names what the page's server reads, and nothing else", () => {
  const sources = globSync("{*.ts,{app,lib,components,model}/**/*.{ts,tsx}}", { cwd: frontend })
    .filter((file) => !/\.(test|stories)\.tsx?$/.test(file))
    .map((file) => readFileSync(join(frontend, file), "utf8"));
  const read = sources.flatMap((source) =>
    [...source.matchAll(/process\.env\.(\w+)/g)].map(([, name = ""]) => name),
  );
  const example = readFileSync(join(frontend, ".env.example"), "utf8");
  const named = [...example.matchAll(/^#?([A-Z_]+)=/gm)].map(([, name = ""]) => name);
  // Next.js itself reads PORT.
  const wanted = new Set([...read.filter((name) => !NOT_SETTINGS.includes(name)), "PORT"]);
  expect(named.sort()).toEqual([...wanted].sort());
});
