import { defineConfig } from "@playwright/test";
import type { EngineMetadata } from "../support/fixtures.ts";

const metadata: EngineMetadata = { engine: "chromium", phone: "Pixel 7" };

/** The long runs; `npm run soak` starts them. */
export default defineConfig({
  testDir: ".",
  testMatch: "*.soak.ts",
  outputDir: "../../test-results/soak",
  workers: 1,
  timeout: 0,
  reporter: [["list"]],
  projects: [{ name: "soak", metadata }],
});
