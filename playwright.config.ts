import { defineConfig, type Project, type ReporterDescription } from "@playwright/test";
import type { RailwayMetadata } from "./e2e/railway/build.ts";
import type { EngineMetadata } from "./e2e/support/fixtures.ts";
import { requireWebKit } from "./e2e/support/webkit-engines.ts";
import { findFirefox } from "./tools/firefox.ts";

const project = (
  name: string,
  metadata: EngineMetadata | RailwayMetadata,
  which: Pick<Project, "grep" | "grepInvert" | "testMatch" | "testIgnore" | "workers"> = {},
) => ({
  name,
  metadata,
  ...which,
});

const RAILWAY = "railway.spec.ts";
const FIREFOX = "firefox.spec.ts";

const webkit = requireWebKit();

/** Tests say by their tags where else than in Chromium they run; the whole of them everywhere would take half an hour. */
const onEveryEngine = { grep: /@every-engine/ };
/** What has nothing to do with an encoder is tried once in each browser. */
const onEveryBrowser = { grep: /@every-engine|@every-browser/ };
const onFirefox = { grep: /@every-engine|@every-browser|@firefox|@webcodecs/ };
/** Those that can watch: Playwright's WebKit need not. */
const onWebKitGtk = {
  grep: /@every-engine|@every-browser|@webcodecs/,
  // A second one would only wait for its turn.
  workers: 1,
};
const byTrackProcessing = { grep: /@track-processing/ };
const withoutMediaRecorder = { grep: /@no-media-recorder/ };

const reporter: ReporterDescription[] = [["list"], ["./e2e/support/engines-reporter.ts"]];
if (!process.env.CI) reporter.push(["html", { open: "never" }]);
if (process.env.PLAYWRIGHT_JSON_OUTPUT_FILE) reporter.push(["json"]);

export default defineConfig({
  testDir: "e2e",
  testMatch: "*.spec.ts",
  // Each worker has a browser, a backend and a frontend: more would starve the encoders of a small machine.
  workers: 2,
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  // For what hangs: on a busy machine a browser alone takes a minute to start.
  timeout: 180_000,
  // Flows run against the built page: one of older sources would prove nothing.
  globalSetup: "./e2e/support/build.ts",
  reporter,
  projects: [
    project(
      "chromium-pixel",
      { engine: "chromium", phone: "Pixel 7" },
      { testIgnore: [RAILWAY, FIREFOX], grepInvert: byTrackProcessing.grep },
    ),
    project("railway", { buildFrom: "this-repository" }, { testMatch: RAILWAY }),
    project("chromium-iphone", { engine: "chromium", phone: "iPhone 15" }, { grep: /@phone/ }),
    ...(findFirefox()
      ? [
          project("firefox", { engine: "firefox" }, onFirefox),
          // As Firefox on Android is.
          project(
            "firefox-no-webcodecs",
            { engine: "firefox", preferences: { "dom.media.webcodecs.enabled": false } },
            onEveryEngine,
          ),
        ]
      : []),
    ...(webkit.playwright
      ? [project("webkit", { engine: "webkit", phone: "iPhone 15" }, onEveryBrowser)]
      : []),
    ...(webkit.gtk
      ? [
          project("webkitgtk", { engine: "webkitgtk" }, onWebKitGtk),
          // As Playwright's WebKit on Linux is built.
          project(
            "webkitgtk-no-media-recorder",
            { engine: "webkitgtk", features: "-MediaRecorder" },
            withoutMediaRecorder,
          ),
          // As Safari: workers read the camera's track themselves.
          project(
            "webkitgtk-track-processing",
            { engine: "webkitgtk", features: "+MediaStreamTrackProcessing" },
            byTrackProcessing,
          ),
        ]
      : []),
  ],
});
