import { storybookTest } from "@storybook/addon-vitest/vitest-plugin";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { browser } from "./chromium.ts";

// vitest's reporter uses Map.groupBy, but only when a test fails: on an older Node the failure would be hidden
if (!("groupBy" in Map))
  throw new Error(`These tests need Node 22.12 or newer and this is ${process.version}: run "npm test".`);

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          environment: "node",
          include: [
            "frontend/lib/**/*.test.ts",
            "frontend/components/**/*.test.ts",
            "scripts/**/*.test.mjs",
            "e2e/**/*.test.ts",
          ],
        },
      },
      {
        plugins: [storybookTest({ configDir: ".storybook", storybookScript: "npm run storybook -- --ci" })],
        test: {
          name: "storybook",
          setupFiles: [".storybook/vitest.setup.ts"],
          browser: {
            enabled: true,
            headless: true,
            provider: playwright({ launchOptions: browser }),
            instances: [{ browser: "chromium" }],
          },
        },
      },
    ],
  },
});
