import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../../tools/paths.ts";
import { DISABLED_FEATURES } from "./playwright-ui.ts";

const playwright = path.join(root, "node_modules/playwright-core/lib/coreBundle.js");

describe("Chromium's switches", () => {
  it("name every feature that Playwright's own switch names, which they take the place of", () => {
    const source = readFileSync(playwright, "utf8");
    const [, list = ""] = /disabledFeatures = \[(.*?)\]\.filter/s.exec(source) ?? [];
    const named = [...list.replaceAll(/\/\/.*/g, "").matchAll(/"(\w+)"/g)].map(([, name]) => name);
    expect(named.length).toBeGreaterThan(10);
    expect(DISABLED_FEATURES).toEqual(expect.arrayContaining(named));
  });
});
