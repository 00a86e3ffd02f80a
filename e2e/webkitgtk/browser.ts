/**
 * One WebKitGTK for one test: a screen, MiniBrowser and WebKitWebDriver of its own (a driver holds a single session),
 * in a home of its own, because WebKit remembers permissions. All of it is ended by process id.
 */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Readable } from "node:stream";
import { endGroup, spawnGroup } from "../../tools/processes.ts";
import { freePort } from "../support/processes.ts";
import type { WebKitGtkInstallation } from "./installation.ts";
import { type PermissionRelay, startPermissionRelay } from "./permission-relay.ts";
import { WebDriverSession } from "./webdriver.ts";

export interface WebKitGtkBrowser {
  readonly session: WebDriverSession;
  readonly permissions: PermissionRelay;
  close(): Promise<void>;
}

export interface WebKitGtkOptions {
  readonly installation: WebKitGtkInstallation;
  /** WebKit's own mock camera and microphones; without them it has none on a machine like this. */
  readonly mockDevices: boolean;
  /** In the form of MiniBrowser's `--features`, such as `-MediaRecorder`. */
  readonly features: string | undefined;
  /** Takes what the processes print. */
  readonly logFile: string;
}

const END_MS = 3_000;

export async function launchWebKitGtk(options: WebKitGtkOptions): Promise<WebKitGtkBrowser> {
  const { installation } = options;
  const home = await mkdtemp(path.join(tmpdir(), "twincast-webkitgtk-"));
  const log = createWriteStream(options.logFile, { flags: "a" });
  const children: ChildProcess[] = [];
  const cleanUps: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
    for (const child of children.reverse()) await endGroup(child, END_MS);
    log.end();
    // A helper process of WebKit may write its last file meanwhile.
    await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  };
  const start = (command: string, args: string[], env: NodeJS.ProcessEnv) => {
    // WebKit's web and network processes are in its group, and go with it.
    const child = spawnGroup(command, args, { env, stdio: ["ignore", "pipe", "pipe", "pipe"] });
    children.push(child);
    for (const pipe of [child.stdout, child.stderr]) pipe?.pipe(log, { end: false });
    return child;
  };

  try {
    const xvfb = start(
      installation.xvfb,
      ["-displayfd", "3", "-screen", "0", "1280x900x24", "-nolisten", "tcp"],
      process.env,
    );
    const [display] = (await once(xvfb.stdio[3] as Readable, "data")) as [Buffer];
    const env = environment(home, `:${display.toString().trim()}`, installation.pluginPath);

    const [browserPort, driverPort] = [await freePort(), await freePort()];
    start(
      installation.miniBrowser,
      [
        "--automation",
        // As large as a phone.
        "--geometry=412x880",
        ...(options.mockDevices ? ["--enable-mock-capture-devices=true"] : []),
        ...(options.features ? [`--features=${options.features}`] : []),
      ],
      { ...env, WEBKIT_INSPECTOR_SERVER: `127.0.0.1:${browserPort}` },
    );
    const permissions = await startPermissionRelay(browserPort);
    cleanUps.push(() => permissions.close());
    start(installation.driver, [`--port=${driverPort}`, `--target=127.0.0.1:${permissions.port}`], env);
    const session = await WebDriverSession.open(driverPort, {
      timeouts: { script: 30_000, pageLoad: 30_000, implicit: 0 },
    });
    return { session, permissions, close };
  } catch (error) {
    await close();
    throw new Error(`WebKitGTK did not start; ${options.logFile} says more.`, { cause: error });
  }
}

function environment(home: string, display: string, pluginPath: string | undefined): NodeJS.ProcessEnv {
  return {
    ...process.env,
    DISPLAY: display,
    HOME: home,
    XDG_RUNTIME_DIR: home,
    XDG_CONFIG_HOME: home,
    XDG_CACHE_HOME: home,
    XDG_DATA_HOME: home,
    // No D-Bus here: neither the accessibility bridge nor dconf has anybody to talk to.
    NO_AT_BRIDGE: "1",
    GSETTINGS_BACKEND: "memory",
    ...(pluginPath && { GST_PLUGIN_PATH: pluginPath }),
  };
}
