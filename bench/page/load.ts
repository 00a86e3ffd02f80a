/** One first visit over a phone's network, as the browser itself measures it. */
import { setTimeout as wait } from "node:timers/promises";
import type { Browser } from "playwright";
import { type BarePage, openBarePage } from "./bare-page.ts";

/** "Slow 4G" as Lighthouse has it: https://github.com/GoogleChrome/lighthouse/blob/main/docs/throttling.md */
const SLOW_4G = {
  latency: 150,
  downloadThroughput: (1.6 * 1_048_576) / 8,
  uploadThroughput: (750 * 1_024) / 8,
};
const CPU_SLOWDOWN = 4;
const SIZE = { width: 390, height: 844 };

/** Times in ms since the navigation. */
export interface Load {
  readonly firstPaintMs: number;
  readonly largestPaintMs: number;
  /** A tap, given as soon as the button is seen, has led to the browser's question. */
  readonly askedMs: number;
  /** React listens to the button. */
  readonly usableMs: number;
  readonly longestTaskMs: number;
  /** Cumulative layout shift, without a unit. */
  readonly layoutShift: number;
  /** How far the button went from where it was seen first, CSS pixels. */
  readonly buttonMovedPx: number;
  /** Scripts that were there when the button became usable, and all until the session is there; compressed. */
  readonly scriptBytesUsable: number;
  readonly scriptBytes: number;
}

/** What the page notes of itself; runs before its own scripts. */
function observe(): void {
  const noted = {
    asked: Number.NaN,
    usable: Number.NaN,
    largest: Number.NaN,
    longest: 0,
    shift: 0,
    tops: [] as number[],
  };
  Object.assign(globalThis, { noted });
  const each = (type: string, note: (entry: PerformanceEntry) => void) =>
    new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true });
  each("largest-contentful-paint", ({ startTime }) => {
    noted.largest = startTime;
  });
  each("longtask", ({ duration }) => {
    noted.longest = Math.max(noted.longest, duration);
  });
  each("layout-shift", (entry) => {
    noted.shift += (entry as PerformanceEntry & { value: number }).value;
  });
  navigator.mediaDevices.getUserMedia = () => {
    noted.asked ||= performance.now();
    return new Promise(() => {});
  };
  let isTapped = false;
  const look = () => {
    const button = document.querySelector<HTMLElement>("section button");
    if (button) {
      noted.tops.push(button.getBoundingClientRect().top);
      if (Object.keys(button).some((key) => key.startsWith("__reactProps")))
        noted.usable ||= performance.now();
      if (!isTapped && location.hash === "#tap") button.click();
      isTapped = true;
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

type Noted = {
  asked: number;
  usable: number;
  largest: number;
  longest: number;
  shift: number;
  tops: number[];
};

interface Visit extends Noted {
  readonly firstPaint: number;
  readonly scripts: readonly [endedMs: number, bytes: number][];
}

/** How often to look, and for how long: a page at rest has asked for nothing for so long. */
const LOOK_EVERY_MS = 100;
const AT_REST_MS = 500;
const GIVE_UP_MS = 60_000;

/** @param url of the page; `taps` decides whether the button is tapped when it is seen. */
async function visit(browser: Browser, url: string, taps: boolean): Promise<Visit> {
  const page = await openBarePage(browser, SIZE);
  try {
    await page.send("Page.enable");
    await page.send("Page.addScriptToEvaluateOnNewDocument", { source: `(${observe})()` });
    await throttle(page);
    await page.send("Page.navigate", { url: `${url}${taps ? "#tap" : ""}` });
    const until: keyof Noted = taps ? "asked" : "usable";
    await untilTrue(page, `globalThis.noted?.${until} > 0 && (${atRest})(${AT_REST_MS})`);
    return JSON.parse(String(await page.evaluate(`JSON.stringify((${read})())`))) as Visit;
  } finally {
    await page.close();
  }
}

async function untilTrue(page: BarePage, expression: string): Promise<void> {
  const giveUpAt = Date.now() + GIVE_UP_MS;
  while ((await page.evaluate(expression)) !== true) {
    if (Date.now() > giveUpAt) throw new Error(`Never came true: ${expression}`);
    await wait(LOOK_EVERY_MS);
  }
}

async function throttle(page: BarePage): Promise<void> {
  await page.send("Network.enable");
  await page.send("Network.emulateNetworkConditions", { offline: false, ...SLOW_4G });
  await page.send("Emulation.setCPUThrottlingRate", { rate: CPU_SLOWDOWN });
  await page.send("Emulation.setDeviceMetricsOverride", { ...SIZE, deviceScaleFactor: 1, mobile: true });
  await page.send("Emulation.setTouchEmulationEnabled", { enabled: true });
}

/** Runs in the page. */
function atRest(forMs: number): boolean {
  const ends = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
  return performance.now() - Math.max(...ends.map(({ responseEnd }) => responseEnd)) > forMs;
}

/** Runs in the page. */
function read(): Visit {
  const resources = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
  const scripts = resources
    .filter(({ name }) => /\.js(\?|$)/.test(name))
    .map(({ responseEnd, encodedBodySize }) => [responseEnd, encodedBodySize] as [number, number]);
  const firstPaint = performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN;
  return { ...(globalThis as unknown as { noted: Noted }).noted, firstPaint, scripts };
}

/** A visit that only looks, and one that taps at once. */
export async function measureLoad(browser: Browser, url: string): Promise<Load> {
  const looked = await visit(browser, url, false);
  const tapped = await visit(browser, url, true);
  const bytes = (untilMs: number) =>
    looked.scripts.reduce((sum, [endedMs, size]) => sum + (endedMs <= untilMs ? size : 0), 0);
  return {
    firstPaintMs: looked.firstPaint,
    largestPaintMs: looked.largest,
    askedMs: tapped.asked,
    usableMs: looked.usable,
    longestTaskMs: Math.max(looked.longest, tapped.longest),
    // A tap may change the words; nothing else may.
    layoutShift: looked.shift,
    buttonMovedPx: Math.max(...looked.tops) - Math.min(...looked.tops),
    scriptBytesUsable: bytes(looked.usable),
    scriptBytes: bytes(tapped.asked),
  };
}
