import type { Preview } from "@storybook/nextjs-vite";
import { MotionGlobalConfig } from "framer-motion";
import type { AnyHandler } from "msw";
import { themes } from "storybook/theming";
import { Motion } from "../frontend/components/Motion";
import { type PictureScreen, viewports } from "./viewports";
import "../frontend/app/globals.css";
import "./preview.css";

// An animation's first frame (opacity 0) would make toBeVisible() and screenshots a coin toss.
const isTest = navigator.webdriver;
MotionGlobalConfig.skipAnimations = isTest;
if (isTest) document.documentElement.dataset.still = "";

/** Not before the first story that has a request to answer: a third of what the preview would load. */
let answering: ReturnType<typeof answerRequests> | undefined;

async function answerRequests() {
  const { setupWorker } = await import("msw/browser");
  const worker = setupWorker();
  await worker.start({
    quiet: true,
    onUnhandledFrame: "bypass",
    // relative, for a static Storybook under a sub-path
    serviceWorker: { url: "./mockServiceWorker.js" },
  });
  return worker;
}

const preview: Preview = {
  tags: ["autodocs"],
  parameters: {
    nextjs: { appDirectory: true },
    a11y: { test: "error" },
    // as what surrounds it
    docs: { theme: themes.dark },
    layout: "fullscreen",
    viewport: { options: viewports },
    // A component is the same on every screen that is wide enough. Where a screen changes more than its width, the
    // story says so; README.md beside the pictures has the rule.
    pictures: ["phone"] satisfies PictureScreen[],
    options: { storySort: { order: ["Start here", "Screens", "Foundations", "Components"] } },
  },
  initialGlobals: {
    theme: "dark",
    motion: "full",
    text: "100%",
    viewport: { value: "iphone14", isRotated: false },
  },
  globalTypes: {
    theme: {
      description: "Light or dark surroundings",
      toolbar: {
        title: "Surroundings",
        dynamicTitle: true,
        items: [
          { value: "dark", icon: "moon", title: "Dark" },
          { value: "light", icon: "sun", title: "Light" },
        ],
      },
    },
    text: {
      description: "How large the person has letters",
      toolbar: {
        title: "Text",
        dynamicTitle: true,
        items: ["100%", "130%", "200%"].map((size) => ({ value: size, title: `Text ${size}` })),
      },
    },
    motion: {
      description: "What the system asks for",
      toolbar: {
        title: "Motion",
        dynamicTitle: true,
        items: [
          { value: "full", icon: "play", title: "Full motion" },
          { value: "reduced", icon: "stop", title: "Reduced motion" },
        ],
      },
    },
    direction: {
      description: "Writing direction",
      toolbar: {
        title: "Direction",
        dynamicTitle: true,
        items: [
          { value: "ltr", title: "Left to right" },
          { value: "rtl", title: "Right to left" },
        ],
      },
    },
  },
  decorators: [
    (Story, { globals, parameters }) => {
      const root = document.documentElement;
      // read by vitest.setup.ts, which sees the page and not the story
      root.dataset.pictures = (parameters.pictures as PictureScreen[]).join(" ");
      root.dataset.theme = String(globals.theme);
      root.dataset.motion = String(globals.motion);
      root.style.fontSize = String(globals.text);
      root.dir = globals.direction === "rtl" ? "rtl" : "ltr";
      return (
        <Motion reduced={globals.motion === "reduced" ? "always" : "user"}>
          <Story />
        </Motion>
      );
    },
  ],
  loaders: [
    async ({ parameters }) => {
      const handlers = parameters.msw as AnyHandler[] | undefined;
      if (!handlers && !answering) return {};
      answering ??= answerRequests();
      const worker = await answering;
      worker.resetHandlers(...(handlers ?? []));
      return {};
    },
  ],
};
export default preview;
