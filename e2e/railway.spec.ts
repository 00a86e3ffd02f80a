/** A deployment to Railway, played on this computer in the order of docs/railway.md. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { test as base, chromium, devices, expect } from "@playwright/test";
import type { StreamKind } from "twincast";
import { requireChromium } from "../tools/chromium.ts";
import { type Built, buildService, listUploaded, type RailwayMetadata } from "./railway/build.ts";
import { readRailwayConfig, type WebService } from "./railway/config.ts";
import { Deployment, HOST } from "./railway/deployment.ts";
import { DOMAIN, type Edge } from "./railway/edge.ts";
import type { Instance } from "./railway/instance.ts";
import { startEngine } from "./support/engine.ts";
import { ENGINE_ANNOTATION } from "./support/engines-reporter.ts";
import { badge, mediaMs, receives, startStreaming, stopStreaming } from "./support/flows.ts";
import { launchPlaywrightUi, type PlaywrightUi } from "./support/playwright-ui.ts";
import type { RecordedStream } from "./support/recording.ts";
import { judge, WHOLE } from "./support/verdict.ts";

const KINDS: readonly StreamKind[] = ["video", "audio"];
const PAGE = `https://${HOST.frontend}/`;

/** An installation from nothing fetches some hundred megabytes. */
const BUILD_MS = 10 * 60_000;

interface Started {
  readonly deployment: Deployment;
  readonly backend: Instance;
  readonly frontend: Instance;
}

const test = base.extend<
  { started: Started; phone: PlaywrightUi },
  { built: Readonly<Record<WebService, Built>> }
>({
  built: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern that this needs no other fixture
    async ({}, use, info) => {
      const { buildFrom } = info.project.metadata as RailwayMetadata;
      const home = mkdtempSync(path.join(tmpdir(), "twincast-railway-"));
      const config = await readRailwayConfig();
      await use({
        backend: await buildService(config.backend, home, buildFrom),
        frontend: await buildService(config.frontend, home, buildFrom),
      });
      rmSync(home, { recursive: true, force: true });
    },
    { scope: "worker", timeout: BUILD_MS },
  ],

  started: async ({ built }, use, info) => {
    const started = await Deployment.start(built, info.outputDir);
    await use(started);
    await started.deployment.close();
    if (info.status === info.expectedStatus) return;
    for (const each of [started.backend, started.frontend]) {
      await info.attach(`${each.name}.log`, { body: each.output(), contentType: "text/plain" });
    }
  },

  phone: async ({ started }, use, info) => {
    const phone = await openPhone(started.deployment.edge);
    info.annotations.push({ type: ENGINE_ANNOTATION, description: phone.engine });
    await use(phone);
    await phone.close();
  },
});

// One after the other, in one worker: what is built is built once.
test.describe.configure({ mode: "default" });

function openPhone({ port, publicKeyHash }: Edge): Promise<PlaywrightUi> {
  const choice = requireChromium();
  const { defaultBrowserType: _engine, ...context } = devices["Pixel 7"];
  return launchPlaywrightUi({
    browserType: chromium,
    launch: {
      ...choice,
      args: [
        // Names of the deployment lead to the edge, whatever their port; everything else stays as it is.
        `--host-resolver-rules=MAP *.${DOMAIN} 127.0.0.1:${port}`,
        `--ignore-certificate-errors-spki-list=${publicKeyHash}`,
      ],
    },
    context,
    devices: "both",
    allowed: true,
  });
}

/** Opens the page and streams until media of both kinds has arrived. */
async function stream(phone: PlaywrightUi, deployment: Deployment): Promise<void> {
  await startStreaming(phone, PAGE);
  for (const kind of KINDS) await phone.see(badge(kind, "live"));
  for (const kind of KINDS) await receives(deployment, kind, 2);
}

/** @returns how many chunks came over each connection of a stream */
function chunksPerConnection(recorded: RecordedStream): number[] {
  const counts: number[] = [];
  for (const { event } of recorded.events) {
    if (event === "opened") counts.push(0);
    if (event === "chunk") counts.push((counts.pop() ?? 0) + 1);
  }
  return counts;
}

test("uploads of each folder what it takes to build it, and nothing that .gitignore names", async () => {
  const backend = await listUploaded("backend");
  expect(backend).toEqual(
    expect.arrayContaining(["Procfile", ".python-version", "main.py", "requirements.txt", "twincast/app.py"]),
  );
  const frontend = await listUploaded("frontend");
  expect(frontend).toEqual(
    expect.arrayContaining([
      "Procfile",
      ".node-version",
      "package.json",
      "package-lock.json",
      "next.config.ts",
    ]),
  );
  const made = /(^|\/)(\.venv|__pycache__|node_modules|\.next|\.env)(\/|$)/;
  expect([...backend, ...frontend].filter((name) => made.test(name))).toEqual([]);
});

test("starts both by their Procfiles, and serves them over HTTPS once their health checks are answered", async ({
  started: { deployment, frontend },
}) => {
  const origin = `https://${HOST.frontend}`;
  const health = await deployment.ask(HOST.backend, "/health", { origin });
  expect(health.status).toBe(200);
  expect(health.headers["access-control-allow-origin"], "CORS").toBe(origin);
  const moved = await deployment.ask(HOST.backend, "/health/");
  expect(moved.headers.location, "redirects believe the edge's X-Forwarded-Proto").toBe(
    `https://${HOST.backend}/health`,
  );
  const page = await deployment.ask(HOST.frontend, "/");
  expect(page.status).toBe(200);
  expect(page.body, "the picture of link previews").toContain(
    `property="og:image" content="https://${HOST.frontend}/social-card.png"`,
  );
  expect(frontend.errors(), "what Railway shows in red").toBe("");
});

test("streams from the page's domain to the backend's over wss://, and logs a JSON line per chunk", async ({
  started: { deployment, backend },
  phone,
}) => {
  await stream(phone, deployment);
  await stopStreaming(phone);
  // A set: before it records, the page looks for the backend by a socket of its own.
  expect([...new Set(deployment.edge.sockets())].sort()).toEqual([
    `wss://${HOST.backend}/ws/audio`,
    `wss://${HOST.backend}/ws/video`,
  ]);

  const lines = backend
    .output()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  for (const line of lines) {
    expect(line).toMatchObject({ level: expect.any(String), message: expect.any(String) });
  }
  for (const kind of KINDS) {
    const logged = lines.filter(({ message, stream: of }) => message === "chunk" && of === kind);
    const taken = deployment.recording.stream(kind).chunks;
    expect(logged.map(({ seq }) => seq)).toEqual(taken.map(({ seq }) => seq));
  }
  expect(backend.errors(), "what Railway shows in red").toBe("");
});

test("loses and repeats nothing when the backend is redeployed while a phone streams", async ({
  started: { deployment, backend: old },
  phone,
}, info) => {
  await stream(phone, deployment);
  const { overlapSeconds, drainingSeconds } = deployment.config.backend.deploy;
  const next = await deployment.startInstance("backend");
  deployment.edge.route(HOST.backend, next.origin);
  await wait(overlapSeconds * 1_000);
  const before = Object.fromEntries(KINDS.map((kind) => [kind, mediaMs(deployment, kind)]));
  expect(await old.stop("SIGTERM", drainingSeconds * 1_000), "it drains by itself").toBe(true);
  for (const kind of KINDS) {
    await receives(deployment, kind, (before[kind] ?? 0) / 1_000 + 2);
  }
  await stopStreaming(phone);

  for (const kind of KINDS) {
    const recorded = deployment.recording.stream(kind);
    // The new instance cannot verify what the old one took.
    const { verified: _unknown, ...whole } = WHOLE;
    expect(await judge(recorded, info.outputDir), kind).toMatchObject(whole);
    const perInstance = chunksPerConnection(recorded);
    expect(perInstance).toHaveLength(2);
    expect(Math.min(...perInstance)).toBeGreaterThan(0);
    expect(recorded.segmentFiles.length, "the new instance's segment decodes alone").toBeGreaterThan(1);
  }
});

test("streams on when one of two backends is killed, and has the end verified", async ({ built }, info) => {
  const engine = await startEngine();
  const { deployment, backends } = await Deployment.startFleet(built, info.outputDir, engine.url);
  const phone = await openPhone(deployment.edge);
  try {
    await stream(phone, deployment);
    // Whichever has the picture; the sound may be at the other one.
    const carries = () => backends.find((one) => /"stream":"video","seq"/.test(one.output()));
    await expect.poll(carries).toBeDefined();
    const killed = carries();
    const before = mediaMs(deployment, "video");
    await killed?.stop("SIGKILL");
    for (const kind of KINDS) await receives(deployment, kind, before / 1_000 + 2);
    await stopStreaming(phone);
    for (const kind of KINDS) expect(await phone.text(badge(kind))).toContain("verified");
    for (const kind of KINDS) {
      const recorded = deployment.recording.stream(kind);
      expect(await judge(recorded, info.outputDir), kind).toMatchObject(WHOLE);
      const how = recorded.events.flatMap((event) => (event.event === "opened" ? [event.how] : []));
      expect(how, "taken up where it was, wherever").toEqual(["new", ...how.slice(1).map(() => "resumed")]);
    }
    expect(deployment.recording.stream("video").connections).toBeGreaterThan(1);
  } catch (error) {
    await info.attach("services.log", { body: deployment.output(), contentType: "text/plain" });
    throw error;
  } finally {
    await phone.close();
    await deployment.close();
    await engine.stop();
  }
});

test("does not start a page that could not find its backend, and says why", async ({
  started: { deployment },
}) => {
  deployment.backendHost = "";
  await expect(deployment.startInstance("frontend")).rejects.toThrow(
    'BACKEND_URL is "https://", and there is nothing after it',
  );
});

test("refuses a page of somebody else, which says so", async ({
  started: { deployment, frontend },
  phone,
}) => {
  deployment.edge.route(HOST.foreign, frontend.origin);
  await phone.open(`https://${HOST.foreign}/`);
  const notice = phone.page.locator('[data-problem="refuses-origin"]');
  await expect(notice.getByRole("heading")).toContainText("does not take streams from this page");
  const closeCode = await phone.evaluate(
    (url) =>
      new Promise((resolve) => {
        new WebSocket(url, "twincast.v1").addEventListener("close", ({ code }) => resolve(code));
      }),
    `wss://${HOST.backend}/ws/video`,
  );
  expect(closeCode).toBe(4403);
});

test("follows the backend's domain by a variable and a restart, without another build", async ({
  started: { deployment, backend, frontend },
  built,
  phone,
}) => {
  const { edge, config } = deployment;
  const buildId = () => readFileSync(path.join(built.frontend.folder, ".next", "BUILD_ID"), "utf8");
  const before = buildId();
  edge.route(HOST.backend);
  edge.route(HOST.renamed, backend.origin);
  await phone.open(PAGE);
  const notice = phone.page.locator('[data-problem="silent"]');
  await expect(notice.getByRole("heading")).toContainText(HOST.backend, { timeout: 20_000 });

  deployment.backendHost = HOST.renamed;
  const next = await deployment.startInstance("frontend");
  edge.route(HOST.frontend, next.origin);
  await frontend.stop("SIGTERM", config.frontend.deploy.drainingSeconds * 1_000);
  await stream(phone, deployment);
  await stopStreaming(phone);
  const renamed = edge.sockets().filter((url) => url.startsWith(`wss://${HOST.renamed}/`));
  expect([...new Set(renamed)]).toHaveLength(2);
  expect(buildId()).toBe(before);
});
