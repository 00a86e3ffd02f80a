import path from "node:path";
import { storybookTest } from "@storybook/addon-vitest/vitest-plugin";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { browser } from "./tools/chromium.ts";

/** Hinting and subpixels come from the machine's settings, and would be in the pictures of the stories. */
const SAME_LETTERS_EVERYWHERE = {
  // the headless shell takes the switch, the full browser asks fontconfig
  args: ["--font-render-hinting=none", "--disable-lcd-text", "--force-color-profile=srgb"],
  env: { ...process.env, FONTCONFIG_FILE: path.resolve(import.meta.dirname, ".storybook/fonts.conf") },
};

/** As in frontend/tsconfig.json: the page reads the package's source under the names that the package has. */
const pageAliases = [
  {
    find: /^twincast$/,
    replacement: path.resolve(import.meta.dirname, "frontend/twincast/src/faces/index.ts"),
  },
  {
    find: /^twincast\/(.*)$/,
    replacement: path.resolve(import.meta.dirname, "frontend/twincast/src/faces/$1.ts"),
  },
  { find: /^@\//, replacement: `${path.resolve(import.meta.dirname, "frontend")}/` },
];

export default defineConfig({
  test: {
    projects: [
      {
        resolve: { alias: pageAliases },
        test: {
          name: "unit",
          environment: "node",
          // Hundreds of random schedules take a second, and ten on a machine with other work: a limit is for what hangs.
          testTimeout: 60_000,
          include: [
            "frontend/twincast/src/**/*.test.ts",
            "frontend/components/**/*.test.ts",
            "frontend/app/**/*.test.ts",
            "tools/**/*.test.ts",
            "e2e/**/*.test.ts",
            "bench/**/*.test.ts",
            ".storybook/*.test.ts",
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
            provider: playwright({
              launchOptions: { ...browser, ...SAME_LETTERS_EVERYWHERE },
              contextOptions: { timezoneId: "UTC" },
            }),
            instances: [{ browser: "chromium" }],
            expect: {
              toMatchScreenshot: {
                comparatorName: "pixelmatch",
                // Chromium 147 and 156 draw every story alike to the pixel; a radius of 10 px for one of 14 changes five.
                comparatorOptions: { threshold: 0.1, allowedMismatchedPixels: 4 },
                resolveScreenshotPath: ({ root, testFileName, arg, ext }) =>
                  path.join(
                    root,
                    ".storybook/screenshots",
                    testFileName.replace(".stories.tsx", ""),
                    arg + ext,
                  ),
              },
            },
          },
        },
      },
    ],
  },
});
