/** A phone beside the browser that a flow is about: Chromium with the product's own page, whatever watches it. */
import { chromium } from "@playwright/test";
import { requireChromium } from "../../tools/chromium.ts";
import { type ClockSourceOptions, clockSourcesScript } from "./clock/clock-sources.ts";
import { launchPlaywrightUi, type PlaywrightUi } from "./playwright-ui.ts";

export const CLOCK_PICTURE: ClockSourceOptions = { width: 640, height: 480, frameRate: 30 };

/** @param sources `clock`: its camera and microphone write the time into what they give. */
export async function openPhone(sources: "clock" | "two-cameras"): Promise<PlaywrightUi> {
  const phone = await launchPlaywrightUi({
    browserType: chromium,
    launch: requireChromium(),
    context: { viewport: { width: 412, height: 880 } },
    devices: "two-cameras",
    allowed: true,
  });
  if (sources === "clock") await phone.page.addInitScript({ content: clockSourcesScript(CLOCK_PICTURE) });
  return phone;
}
