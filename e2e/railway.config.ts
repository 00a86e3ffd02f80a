/** `npm run rehearse:railway`: the deployment with services that are installed and built from nothing. */
import { defineConfig } from "@playwright/test";
import type { RailwayMetadata } from "./railway/build.ts";

export default defineConfig({
  testDir: ".",
  testMatch: "railway.spec.ts",
  workers: 1,
  timeout: 90_000,
  reporter: "list",
  outputDir: "../test-results",
  metadata: { buildFrom: "nothing" } satisfies RailwayMetadata,
});
