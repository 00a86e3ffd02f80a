/** How much of a processor core a browser and its page's own thread take, by Chromium's own account. */
import type { Browser, CDPSession, Page } from "playwright";

export interface CpuUse {
  /** All the browser's processes, percent of one core. */
  readonly browserPercent: number;
  /** Tasks of the page's own thread, percent of the time. */
  readonly pageThreadPercent: number;
}

interface Reading {
  readonly atMs: number;
  readonly browserS: number;
  readonly pageThreadS: number;
}

export class CpuMeter {
  readonly #ofBrowser: CDPSession;
  readonly #ofPage: CDPSession;
  readonly #first: Reading;

  private constructor(ofBrowser: CDPSession, ofPage: CDPSession, first: Reading) {
    this.#ofBrowser = ofBrowser;
    this.#ofPage = ofPage;
    this.#first = first;
  }

  static async start(browser: Browser, page: Page): Promise<CpuMeter> {
    const ofBrowser = await browser.newBrowserCDPSession();
    const ofPage = await page.context().newCDPSession(page);
    await ofPage.send("Performance.enable", { timeDomain: "timeTicks" });
    return new CpuMeter(ofBrowser, ofPage, await read(ofBrowser, ofPage));
  }

  async stop(): Promise<CpuUse> {
    const first = this.#first;
    const last = await read(this.#ofBrowser, this.#ofPage);
    const elapsedS = (last.atMs - first.atMs) / 1_000;
    return {
      browserPercent: (100 * (last.browserS - first.browserS)) / elapsedS,
      pageThreadPercent: (100 * (last.pageThreadS - first.pageThreadS)) / elapsedS,
    };
  }
}

async function read(ofBrowser: CDPSession, ofPage: CDPSession): Promise<Reading> {
  const { processInfo } = await ofBrowser.send("SystemInfo.getProcessInfo");
  const { metrics } = await ofPage.send("Performance.getMetrics");
  const taskDuration = metrics.find(({ name }) => name === "TaskDuration");
  if (!taskDuration) throw new Error("Chromium does not report TaskDuration.");
  return {
    atMs: performance.now(),
    browserS: processInfo.reduce((total, { cpuTime }) => total + cpuTime, 0),
    pageThreadS: taskDuration.value,
  };
}
