import { expect, it } from "vitest";
import { downloadUrls } from "./browsers.ts";

it("reads from Playwright's plan where each browser comes from", () => {
  const plan = `
Chrome for Testing 159.0.8154.6 (playwright chromium v1255)
  Install location:    /home/me/.cache/ms-playwright/chromium-1255
  Download url:        https://cdn.playwright.dev/builds/cft/159.0.8154.6/linux64/chrome-linux64.zip

WebKit 27.2 (playwright webkit v2388)
  Install location:    /home/me/.cache/ms-playwright/webkit-2388
  Download url:        https://cdn.playwright.dev/dbazure/builds/webkit/2388/webkit-debian-12.zip
  Download fallback 1: https://playwright.download.prss.microsoft.com/builds/webkit/2388/webkit-debian-12.zip
`;
  expect(downloadUrls(plan)).toEqual([
    "https://cdn.playwright.dev/builds/cft/159.0.8154.6/linux64/chrome-linux64.zip",
    "https://cdn.playwright.dev/dbazure/builds/webkit/2388/webkit-debian-12.zip",
  ]);
});
