import { defineConfig } from "@playwright/test";
import type { EngineMetadata } from "./e2e/support/fixtures.ts";

/** Flows of the page, in one engine. */
const project = (name: string, metadata: EngineMetadata) => ({ name, metadata, testIgnore: "start.spec.ts" });

export default defineConfig({
  testDir: "e2e",
  testMatch: "*.spec.ts",
  // Each worker has a browser, a backend and a frontend: more would starve the encoders of a small machine.
  workers: 2,
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  timeout: 90_000,
  reporter: process.env.CI ? [["list"]] : [["list"], ["html", { open: "never" }]],
  // Flows run against the built page: one of older sources would prove nothing.
  globalSetup: "./e2e/support/build.ts",
  projects: [
    { name: "npm-start", testMatch: "start.spec.ts" },
    project("chromium-pixel", { engine: "chromium", phone: "Pixel 7" }),
    project("chromium-iphone", { engine: "chromium", phone: "iPhone 15" }),
  ],
});
