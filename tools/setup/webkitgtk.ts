import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { local, root } from "../paths.ts";
import { run } from "../processes.ts";
import { aptInstall, canAptInstall } from "./apt.ts";
import { SetupFailure } from "./failure.ts";
import { keepLog } from "./logs.ts";
import { step } from "./progress.ts";
import { fingerprint, readStamp, writeStamp } from "./stamps.ts";
import { compareVersions } from "./versions.ts";

/** WebKitGTK with its WebDriver, a screen for it, and the codecs of its MediaRecorder. */
const ENGINE = [
  "webkit2gtk-driver",
  "xvfb",
  "gstreamer1.0-plugins-base",
  "gstreamer1.0-plugins-good",
  "gstreamer1.0-plugins-bad",
  "gstreamer1.0-plugins-ugly",
  "gstreamer1.0-libav",
];

/** What compiling the stand-in for autovideoflip takes. */
const COMPILER = ["gcc", "libc6-dev", "pkg-config", "libgstreamer1.0-dev"];

/** Since this version GStreamer has an autovideoflip of its own. */
const GSTREAMER_WITH_AUTOVIDEOFLIP = "1.24";

/**
 * Installs WebKitGTK as a second engine for the end-to-end tests, on Debian and as root; elsewhere Playwright's WebKit
 * is the one.
 *
 * @returns what the tests need in their environment
 * @throws {SetupFailure}
 */
export async function ensureWebKitGtk(): Promise<Record<string, string>> {
  if (!canAptInstall()) return {};
  await aptInstall("WebKitGTK", ENGINE);
  await aptInstall("a C compiler", COMPILER);
  const { output } = await run("pkg-config", ["--modversion", "gstreamer-1.0"]);
  if (compareVersions(output, GSTREAMER_WITH_AUTOVIDEOFLIP) >= 0) return {};
  return { WKGTK_GST_PLUGIN_PATH: await compileAutoVideoFlip(output.trim()) };
}

/**
 * @param gstreamer its version
 * @returns the folder of the plug-in
 */
async function compileAutoVideoFlip(gstreamer: string): Promise<string> {
  const source = join(root, "e2e", "webkitgtk", "autovideoflip.c");
  const folder = join(local, "gstreamer");
  const library = join(folder, "libgstautovideoflip.so");
  const state = fingerprint([source], [gstreamer]);
  if (existsSync(library) && readStamp("autovideoflip") === state) return folder;
  await step("Compiling GStreamer's missing autovideoflip for WebKitGTK", async () => {
    mkdirSync(folder, { recursive: true });
    const flags = await run("pkg-config", ["--cflags", "--libs", "gstreamer-1.0"]);
    const words = flags.output.trim().split(/\s+/);
    const args = ["-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror", "-o", library, source, ...words];
    const { code, output } = await run("gcc", args);
    if (code === 0) return;
    const log = keepLog("autovideoflip", flags.output + output);
    throw new SetupFailure(
      "tool-missing",
      `e2e/webkitgtk/autovideoflip.c could not be compiled: ${log} says why.`,
    );
  });
  writeStamp("autovideoflip", state);
  return folder;
}
