/** The peers' servers and pages: each server inside the path, each page from this side of it. */
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { type Browser, chromium, type Page } from "playwright";
import { clockSourcesScript } from "../../e2e/support/clock/clock-sources.ts";
import { requireChromium } from "../../tools/chromium.ts";
import { type Service, startService, untilReady } from "../../tools/services.ts";
import type { Lane } from "./peer.ts";

const READY_MS = 30_000;
const COLLECTOR = path.join(import.meta.dirname, "collector");

/**
 * Starts a program inside the path, and ends it with the session.
 *
 * @param ready an address that answers, or what it prints, when it is.
 */
export async function startInside(
  { packets, folder, cleanUps }: Lane,
  options: {
    readonly name: string;
    readonly command: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
    readonly ready: { readonly url: string } | { readonly prints: string };
  },
): Promise<Service> {
  const { name, ready } = options;
  const [command = "", ...args] = [...packets.inside.enter, ...options.command];
  const service = startService({
    name,
    command,
    args,
    cwd: import.meta.dirname,
    env: { ...process.env, PYTHONPATH: COLLECTOR, PEERS_FOLDER: folder, ...options.env },
    shows: "nothing",
  });
  cleanUps.push(() => service.stop());
  const asked = "url" in ready ? ready.url : async () => service.output().includes(ready.prints);
  await untilReady(service, asked, READY_MS);
  return service;
}

/** Serves an empty page with a preview, and scripts beside it. @param scripts paths to files. @returns its origin. */
export async function servePage(
  { cleanUps }: Lane,
  scripts: Readonly<Record<string, string>> = {},
): Promise<string> {
  const tags = Object.keys(scripts).map((name) => `<script src="${name}"></script>`);
  const html = `<!doctype html><title>Phone</title><video autoplay playsinline muted></video>${tags.join("")}`;
  const server = createServer(({ url = "" }, response) => {
    const file = scripts[url];
    response.setHeader("Content-Type", file ? "text/javascript" : "text/html");
    if (file) createReadStream(file).pipe(response);
    else response.end(html);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanUps.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A phone's. */
const VIEWPORT = { width: 412, height: 880 };
const ARGS = ["--use-fake-device-for-media-stream", "--autoplay-policy=no-user-gesture-required"];

/** Opens a page whose camera and microphone write the time into what they give. */
export async function openPhonePage(lane: Lane, url: string): Promise<{ browser: Browser; page: Page }> {
  const browser = await chromium.launch({ ...requireChromium(), args: ARGS });
  lane.cleanUps.push(() => browser.close());
  const context = await browser.newContext({ viewport: VIEWPORT, permissions: ["camera", "microphone"] });
  await context.addInitScript({ content: clockSourcesScript(lane.sources) });
  const page = await context.newPage();
  await page.goto(url);
  return { browser, page };
}
