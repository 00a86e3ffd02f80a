import path from "node:path";
import { defineMain } from "@storybook/nextjs-vite/node";
import { msw } from "msw/vite";
import { bundledPackage } from "./bundled-package.ts";
import { lightDependencies } from "./light-dependencies.ts";

const frontend = path.resolve(import.meta.dirname, "../frontend");

export default defineMain({
  // without nextConfigPath a Storybook outside the frontend's folder ignores its next.config.ts and .env
  framework: {
    name: "@storybook/nextjs-vite",
    options: { nextConfigPath: path.join(frontend, "next.config.ts") },
  },
  stories: ["./*.mdx", "../frontend/components/**/*.stories.tsx", "../frontend/app/**/*.stories.tsx"],
  staticDirs: ["../frontend/public"],
  addons: ["@storybook/addon-docs", "@storybook/addon-a11y", "@storybook/addon-vitest"],
  core: { disableTelemetry: true, disableWhatsNewNotifications: true },
  features: {
    // Storybook's lessons about itself: whoever looks at the product has to read past them, and their border never rests
    menuOnboardingChecklist: false,
    sidebarOnboardingChecklist: false,
    // a component's ground is a part of it
    backgrounds: false,
  },
  typescript: { reactDocgen: "react-docgen" },
  viteFinal: (config) => ({
    ...config,
    build: {
      ...config.build,
      rolldownOptions: {
        ...config.build?.rolldownOptions,
        // "use client" means nothing here, and Rolldown says so once per file
        onLog: (level, log, handler) => log.code !== "MODULE_LEVEL_DIRECTIVE" && handler(level, log),
      },
    },
    server: {
      ...config.server,
      // ready before somebody has opened the page: what it begins with, and what the screens are made of
      warmup: {
        clientFiles: [".storybook/preview.tsx", ".storybook/start.mdx", "frontend/app/*.stories.tsx"],
      },
    },
    // serves /mockServiceWorker.js in dev and tests and emits it in the static build: no generated file in git
    plugins: [
      ...(config.plugins ?? []),
      msw({ mode: "worker-only" }),
      lightDependencies(),
      bundledPackage(path.join(frontend, "twincast/src")),
    ],
  }),
});
