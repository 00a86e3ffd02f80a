import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { frontend } from "./paths.ts";

const read = (path: string) => readFileSync(join(frontend, "app", path), "utf8");

test("the font has every weight that the theme asks for", () => {
  const [, min, max] = /font-weight: (\d+) (\d+);/.exec(read("fonts.css")) ?? [];
  const asked = [...read("theme.css").matchAll(/--weight-\w+: (\d+);/g)].map(([, weight]) => Number(weight));
  expect(asked.length).toBeGreaterThan(0);
  expect(Math.min(...asked)).toBeGreaterThanOrEqual(Number(min));
  expect(Math.max(...asked)).toBeLessThanOrEqual(Number(max));
});

test("the font is no more than what a phone's first visit can carry beside the code", () => {
  expect(statSync(join(frontend, "app/fonts/inter.woff2")).size).toBeLessThan(30_000);
});
