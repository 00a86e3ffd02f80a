/** The system's Firefox, by Playwright's WebDriver BiDi and a relay in between. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Browser, firefox } from "@playwright/test";
import { freePort } from "../support/processes.ts";

/**
 * A fake camera and microphone of Firefox's own, and an output that nobody hears: on a machine without a sound device
 * an AudioContext stays suspended for ever.
 */
const FAKE_DEVICES = { "media.navigator.streams.fake": true, "media.cubeb.force_mock_context": true };

/** Without a graphics processor a third of what a flow costs is the drawing of frames that nobody looks at. */
const FEW_FRAMES = { "layout.frame_rate": 10 };

export type Preferences = Readonly<Record<string, string | number | boolean>>;

/** It takes seconds to start, so flows share one: each has a container of its own, with its own storage and sockets. */
export interface FirefoxBrowser {
  /** Name and version, and the preferences that are not the usual ones. */
  readonly engine: string;
  readonly browser: Browser;
  /** Runs a script in Firefox's own window. */
  runPrivileged(script: string): Promise<void>;
  close(): Promise<void>;
}

export async function launchFirefox(options: {
  executablePath: string;
  preferences: Preferences;
}): Promise<FirefoxBrowser> {
  const { executablePath, preferences } = options;
  const relayPort = await freePort();
  const folder = await mkdtemp(path.join(tmpdir(), "twincast-firefox-"));
  const browser = await firefox.launch({
    channel: "moz-firefox",
    executablePath: await writeLauncher(folder),
    args: ["--remote-allow-system-access"],
    env: { ...definedEnv(), FIREFOX_PATH: executablePath, RELAY_PORT: String(relayPort) },
    firefoxUserPrefs: { ...FAKE_DEVICES, ...FEW_FRAMES, ...preferences },
  });
  const named = Object.entries(preferences).map(([name, value]) => `${name}=${value}`);
  return {
    engine: ["Firefox", browser.version(), ...named].join(" "),
    browser,
    runPrivileged: async (script) => {
      const response = await fetch(`http://127.0.0.1:${relayPort}/`, { method: "POST", body: script });
      if (!response.ok) throw new Error(`Firefox did not run it: ${await response.text()}`);
    },
    close: async () => {
      await browser.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** @returns an executable that runs the relay on the Node that runs the tests, whichever the PATH has */
async function writeLauncher(folder: string): Promise<string> {
  const file = path.join(folder, "firefox.sh");
  const relay = path.join(import.meta.dirname, "bidi-relay.ts");
  await writeFile(file, `#!/bin/sh\nexec "${process.execPath}" "${relay}" "$@"\n`, { mode: 0o755 });
  return file;
}

function definedEnv(): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) env[name] = value;
  return env;
}
