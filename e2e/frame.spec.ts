/** The page in a frame of somebody else's page, on another site: who may do that, and what the frame has to pass on. */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { test as base, expect } from "./support/fixtures.ts";
import { badge, gate, receives, record, stopStreaming } from "./support/flows.ts";
import { freePort, startWeb } from "./support/processes.ts";
import type { Ui } from "./support/ui.ts";

/** What the page about it tells others to write. */
const [, ALLOW = ""] =
  /<iframe[^>]*? allow="([^"]+)"/.exec(
    readFileSync(path.join(import.meta.dirname, "../docs/in-a-frame.md"), "utf8"),
  ) ?? [];

const INSECURE = "http://outer.example";

/** Somebody else's site. Its page has the one frame that its address asks for. */
const test = base.extend<{ outer: (host: string, framed: string, allow?: string) => string }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from here.
  outer: async ({}, use) => {
    const server = createServer((request, response) => {
      const { searchParams } = new URL(request.url ?? "/", "http://outer");
      const [framed = "", allow = ""] = ["framed", "allow"].map((name) => searchParams.get(name) ?? "");
      response.setHeader("content-type", "text/html");
      response.end(
        `<!doctype html><meta name="viewport" content="width=device-width"><style>iframe{width:95vw;height:95vh}</style><iframe src="${framed}" allow="${allow}"></iframe>`,
      );
    });
    // Both of the machine's own addresses.
    await new Promise<void>((resolve) => server.listen(0, resolve));
    const { port } = server.address() as AddressInfo;
    await use((host, framed, allow = "") => {
      const query = new URLSearchParams({ framed, allow });
      return `http://${host}:${port}/?${query}`;
    });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  },
});

async function openFramed(ui: Ui, url: string): Promise<void> {
  await ui.open(url);
  await ui.enterFrame();
  await ui.see(gate("before-asking"));
}

// Pages of tests are at 127.0.0.1, which is another site.
test.use({ webEnv: { FRAME_ANCESTORS: `http://localhost:* ${INSECURE}` } });

test.describe("where a site may frame it", () => {
  test("streams live from within the frame", {
    tag: "@every-browser",
  }, async ({ ui, backend, pageUrl, outer }) => {
    await openFramed(ui, outer("localhost", pageUrl, ALLOW));
    await ui.press("Allow camera and microphone");
    await ui.press("Start streaming");
    for (const kind of ["video", "audio"] as const) await ui.see(badge(kind, "live"));
    for (const kind of ["video", "audio"] as const) await receives(backend, kind, 2);
    await stopStreaming(ui);
    for (const kind of ["video", "audio"] as const)
      expect(backend.recording.stream(kind).verified).toBe(true);
  });

  test("names what the frame does not pass on, and blames no person", {
    tag: "@every-browser",
  }, async ({ ui, backend: _running, pageUrl, outer }) => {
    await ui.open(outer("localhost", pageUrl));
    await ui.enterFrame();
    await ui.see("section[data-state]");
    // Chromium tells on arrival, the others when they are asked.
    const isAsked = await ui.evaluate(() => !document.querySelector('[data-state="blocked-by-frame"]'), null);
    if (isAsked) await ui.press("Allow camera and microphone");
    await ui.see(gate("blocked-by-frame"));
    const words = await ui.text("section[data-state]");
    expect(words).toContain("The page around this one holds back the camera and microphone");
    expect(words).toContain('can add allow="camera; microphone" to the frame');
    expect(words).toContain("Copy link");
  });

  test("streams the camera alone where the frame passes on no microphone, and says why", async ({
    ui,
    backend,
    pageUrl,
    outer,
  }) => {
    await openFramed(ui, outer("localhost", pageUrl, "camera"));
    await ui.press("Allow camera and microphone");
    await ui.see(record("ready"));
    await expect
      .poll(() => ui.text("main"))
      .toContain("The page around this one holds back the microphone: only video will be sent");
    await ui.press("Start streaming");
    await receives(backend, "video", 1);
    await stopStreaming(ui);
  });

  test("shows itself to nobody else, and neither does the page that watches", async ({
    playwrightUi: { page },
    pageUrl,
    outer,
  }) => {
    for (const route of ["", "watch"]) {
      await page.goto(outer("127.0.0.1", `${pageUrl}${route}`));
      await expect.poll(() => page.frames()[1]?.url()).toBe("chrome-error://chromewebdata/");
      await page.goto(outer("localhost", `${pageUrl}${route}`));
      await expect(page.frameLocator("iframe").locator("main, section").first()).toBeVisible();
    }
  });

  test("says that a page around it is not secure, and not its own address", async ({
    playwrightUi: { page },
    pageUrl,
  }) => {
    await page.route(`${INSECURE}/`, (route) =>
      route.fulfill({
        contentType: "text/html",
        body: `<iframe src="${pageUrl}" allow="${ALLOW}"></iframe>`,
      }),
    );
    // Nobody is at that address: Chromium would let nothing of it ask this machine, were it on the internet.
    await page.route(`${pageUrl}**`, async (route) => route.fulfill({ response: await route.fetch() }));
    await page.goto(`${INSECURE}/`);
    const frame = page.frameLocator("iframe");
    await expect(
      frame.getByRole("heading", { name: "The page around this one is not secure" }),
    ).toBeVisible();
  });
});

test("no page may frame any of its pages unless the setting names it", async () => {
  const web = await startWeb({ port: await freePort(), backendUrl: "", env: { FRAME_ANCESTORS: "" } });
  for (const route of ["", "watch", "no-such-page", "manifest.webmanifest"]) {
    const { headers } = await fetch(`http://127.0.0.1:${web.port}/${route}`);
    expect(headers.get("content-security-policy"), route).toBe("frame-ancestors 'none'");
    expect(headers.get("x-frame-options"), route).toBe("DENY");
  }
  await web.stop();
});

test("a setting that cannot be one ends the start with a sentence", async () => {
  const port = await freePort();
  const start = startWeb({ port, backendUrl: "", env: { FRAME_ANCESTORS: "www.example.com" } });
  await expect(start).rejects.toThrow(
    'FRAME_ANCESTORS is "www.example.com", and "www.example.com" does not begin with https://',
  );
});
