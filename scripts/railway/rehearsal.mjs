/** Plays a deployment to Railway on this computer: the acts, in the order of docs/railway.md. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { seconds } from "../setup/progress.mjs";
import { borrow, installAndBuild, prepare } from "./build.mjs";
import { readRailwayConfig } from "./config.mjs";
import { startEdge } from "./edge.mjs";
import { takePhone } from "./phone.mjs";
import { HOST, Stage } from "./stage.mjs";
import { judge } from "./verdict.mjs";

/** @typedef {import("./build.mjs").Built} Built */
/** @typedef {import("./instance.mjs").Instance} Instance */
/** @typedef {import("./phone.mjs").Phone} Phone */
/** @typedef {import("./report.mjs").Report} Report */
/** @typedef {import("./stage.mjs").StreamKind} StreamKind */

/** @type {readonly StreamKind[]} */
const KINDS = ["video", "audio"];

/** Media that has to arrive before an act goes on. */
const MEDIA_MS = 2_000;

const PATIENCE_MS = 30_000;
const LOOK_MS = 100;

/**
 * @param {object} options
 * @param {boolean} options.isShort borrows the installation and the build that `npm test` has made
 * @param {string} options.home a clean folder
 * @param {Report} options.report
 */
export async function rehearse({ isShort, home, report }) {
  report.section("Two services, described once in .railway/railway.ts");
  const config = await readRailwayConfig();
  for (const { name, folder, deploy } of [config.backend, config.frontend]) {
    report.note(`${name}: root directory /${folder}, health check ${deploy.healthcheckPath}`);
  }

  report.section("Railpack installs and builds each from its own root directory alone");
  const built = {
    backend: await build("backend", config, { isShort, home, report }),
    frontend: await build("frontend", config, { isShort, home, report }),
  };

  report.section("Both get a domain, and learn each other's from variables");
  const stage = new Stage(home, await startEdge(), config, built);
  try {
    for (const name of /** @type {const} */ (["backend", "frontend"])) {
      for (const [key, value] of Object.entries(stage.variablesOf(name)))
        report.note(`${name}: ${key}=${value}`);
    }
    await perform(stage, { isShort, report });
  } finally {
    await stage.close();
  }
}

/**
 * @param {"backend" | "frontend"} name
 * @param {Awaited<ReturnType<typeof readRailwayConfig>>} config
 * @param {{ isShort: boolean, home: string, report: Report }} options
 * @returns {Promise<Built>}
 */
async function build(name, config, { isShort, home, report }) {
  const { variables } = config[name];
  const built = await prepare(config[name], home, variables);
  const { plan, planner } = built;
  report.note(
    `${name}: ${planner} would take ${plan.language} ${plan.version}, and start "${plan.start.command}"`,
  );
  if (isShort) {
    report.note(`${name}: the short form borrows what is installed and built in the repository`);
    return borrow(built);
  }
  for (const command of [...plan.install.commands, ...plan.build.commands]) {
    report.note(`${name}: $ ${command.replaceAll(built.folder, "/app")}`);
  }
  await report.timed(`${name} installs and builds from nothing`, () => installAndBuild(built, variables));
  return built;
}

/**
 * @param {Stage} stage
 * @param {{ isShort: boolean, report: Report }} options
 */
async function perform(stage, { isShort, report }) {
  const { edge } = stage;

  report.section("They start by their Procfiles and answer their health checks");
  const first = await report.timed("the backend is healthy", () => stage.start("backend"));
  const frontend = await report.timed("the frontend is healthy", () => stage.start("frontend"));
  edge.route(HOST.backend, first.origin);
  edge.route(HOST.frontend, frontend.origin);
  edge.route(HOST.foreign, frontend.origin);
  await checkHttps(stage, report);

  const phone = await takePhone(edge);
  try {
    report.section("The page opens on a phone, over HTTPS, and streams to the other domain");
    const session = await stream(stage, phone, HOST.backend, report);
    checkLogs(first, report);

    report.section("The backend is redeployed while the phone streams");
    const second = await redeploy(
      stage,
      first,
      isShort ? 1 : stage.config.backend.deploy.overlapSeconds,
      report,
    );
    await arrives(stage, session);
    await phone.stop();
    checkVerdict(stage, session, report);

    report.section("A page of somebody else is refused");
    await phone.open(`https://${HOST.foreign}/`);
    const words = await phone.backendProblem("refuses-origin");
    report.check(`the page says: ${words}`, words.includes("does not take streams from this page"));
    const code = await phone.socketCloseCode(`wss://${HOST.backend}/ws/video`);
    report.check("and a socket that it opens all the same is closed with 4403", code === 4403, code);

    report.section("The backend's domain changes, and only a variable follows");
    await renameBackend(stage, phone, { second, frontend, report });
  } finally {
    await phone.close();
  }
}

/**
 * Opens the page and streams, until media of both kinds has arrived.
 *
 * @param {Stage} stage
 * @param {Phone} phone
 * @param {string} backendHost where it has to arrive
 * @param {Report} report
 * @returns {Promise<string>} the session
 */
async function stream(stage, phone, backendHost, report) {
  const { sockets } = stage.edge;
  const known = stage.sessions();
  const earlier = sockets().length;
  await phone.open(`https://${HOST.frontend}/`);
  await phone.start();
  const session = await until("a session at the backend", () =>
    stage.sessions().find((id) => !known.includes(id)),
  );
  await arrives(stage, session);
  const opened = sockets().slice(earlier);
  report.check(
    `both streams arrive, over wss://${backendHost}/ws/video and /ws/audio`,
    KINDS.every((kind) => opened.filter((url) => url === `wss://${backendHost}/ws/${kind}`).length === 1),
    opened,
  );
  return session;
}

/**
 * Waits until the newest instance of the backend has taken some seconds of both kinds.
 *
 * @param {Stage} stage
 * @param {string} session
 */
async function arrives(stage, session) {
  await until(`${MEDIA_MS} ms of both kinds`, () =>
    KINDS.every((kind) => {
      const chunks = (stage.recorded(session, kind).at(-1) ?? []).filter(({ event }) => event === "chunk");
      return (chunks.at(-1)?.capturedTo ?? 0) - (chunks[0]?.capturedFrom ?? 0) > MEDIA_MS;
    }),
  );
}

/**
 * @template T
 * @param {string} what for the case that it does not come
 * @param {() => T | undefined | false} look
 * @returns {Promise<T>}
 */
async function until(what, look) {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const found = look();
    if (found) return found;
    await wait(LOOK_MS);
  }
  throw new Error(`Waited ${PATIENCE_MS / 1_000} s for ${what}.`);
}

/**
 * @param {Stage} stage
 * @param {Report} report
 */
async function checkHttps(stage, report) {
  const health = await stage.ask(HOST.backend, "/health", { origin: `https://${HOST.frontend}` });
  report.check(`https://${HOST.backend}/health answers 200`, health.status === 200, health);
  report.check(
    "and lets the page read it, by CORS",
    health.headers["access-control-allow-origin"] === `https://${HOST.frontend}`,
    health.headers,
  );
  const moved = await stage.ask(HOST.backend, "/health/");
  report.check(
    "the backend believes the edge's X-Forwarded-Proto: its redirects stay on https://",
    moved.headers.location === `https://${HOST.backend}/health`,
    moved.headers.location,
  );
  const page = await stage.ask(HOST.frontend, "/");
  report.check(`https://${HOST.frontend} answers 200`, page.status === 200, page.status);
}

/**
 * A new instance next to the old one; then its turn; then SIGTERM to the old one, and SIGKILL when it does not end.
 *
 * @param {Stage} stage
 * @param {Instance} old
 * @param {number} overlapSeconds
 * @param {Report} report
 * @returns {Promise<Instance>}
 */
async function redeploy(stage, old, overlapSeconds, report) {
  const { drainingSeconds } = stage.config.backend.deploy;
  const next = await report.timed("a new instance is healthy beside the old one", () =>
    stage.start("backend"),
  );
  stage.edge.route(HOST.backend, next.origin);
  await wait(overlapSeconds * 1_000);
  const { how, afterMs } = await old.stop(drainingSeconds);
  report.check(
    `the old one ends ${how}, ${seconds(afterMs)} after SIGTERM, with ${drainingSeconds} s to drain`,
    how === "by itself",
  );
  return next;
}

/**
 * @param {Stage} stage
 * @param {string} session
 * @param {Report} report
 */
function checkVerdict(stage, session, report) {
  for (const kind of KINDS) {
    const verdict = judge(stage.recorded(session, kind));
    const [before = 0, after = 0] = verdict.perInstance;
    const whole = verdict.missing.length === 0 && verdict.repeated.length === 0 && verdict.gaps === 0;
    report.check(
      `${kind}: all ${verdict.chunks} chunks arrived once, ${before} at the old instance and ${after} at the new one`,
      whole && before > 0 && after > 0,
      verdict,
    );
    report.check(
      `${kind}: a new segment begins at the new instance, so that it decodes alone`,
      verdict.segments > 1,
    );
  }
}

/**
 * @param {Instance} backend
 * @param {Report} report
 */
function checkLogs(backend, report) {
  const lines = backend.output().trim().split("\n");
  const isJson = lines.every((line) => {
    try {
      const { level, message } = JSON.parse(line);
      return typeof level === "string" && typeof message === "string";
    } catch {
      return false;
    }
  });
  report.check("the backend's log is JSON with level and message, line by line", isJson, lines.slice(0, 3));
  report.check(
    "and nothing goes to the error output, which Railway shows in red",
    backend.errors() === "",
    backend.errors(),
  );
  for (const kind of KINDS) {
    const line = lines.find(
      (each) => each.includes('"message":"chunk"') && each.includes(`"stream":"${kind}"`),
    );
    report.check(`there is a line per chunk of ${kind}`, line !== undefined);
    if (line) report.note(`  ${line}`);
  }
}

/**
 * @param {Stage} stage
 * @param {Phone} phone
 * @param {{ second: Instance, frontend: Instance, report: Report }} actors
 */
async function renameBackend(stage, phone, { second, frontend, report }) {
  const { edge } = stage;
  const buildId = () => readFileSync(join(stage.built.frontend.folder, ".next", "BUILD_ID"), "utf8");
  const before = buildId();
  edge.route(HOST.backend, undefined);
  edge.route(HOST.renamed, second.origin);
  await phone.open(`https://${HOST.frontend}/`);
  const words = await phone.backendProblem("silent");
  report.check(`until then the page says: ${words}`, words.includes(HOST.backend));

  stage.renameBackend(HOST.renamed);
  report.note(`frontend: BACKEND_URL=${stage.variablesOf("frontend").BACKEND_URL}`);
  const next = await report.timed("the frontend starts again, from the same build", () =>
    stage.start("frontend"),
  );
  edge.route(HOST.frontend, next.origin);
  await frontend.stop(stage.config.frontend.deploy.drainingSeconds);
  await stream(stage, phone, HOST.renamed, report);
  await phone.stop();
  report.check("and nothing was built again", buildId() === before);
}
