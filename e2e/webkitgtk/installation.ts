/** Where WebKitGTK's parts are on this machine. */
import { existsSync } from "node:fs";
import path from "node:path";
import { root } from "../../tools/paths.ts";

export interface WebKitGtkInstallation {
  readonly miniBrowser: string;
  readonly driver: string;
  readonly xvfb: string;
  /** A folder of GStreamer plug-ins that its MediaRecorder misses, if there is one. */
  readonly pluginPath: string | undefined;
}

/** Where Debian, Ubuntu, Fedora and Arch put MiniBrowser, which is never on the PATH. */
const MINI_BROWSERS = ["4.1", "6.0", "4.0"].flatMap((api) =>
  ["lib/x86_64-linux-gnu", "lib/aarch64-linux-gnu", "libexec", "lib"].flatMap((folder) => [
    `/usr/${folder}/webkit2gtk-${api}/MiniBrowser`,
    `/usr/${folder}/webkitgtk-${api}/MiniBrowser`,
  ]),
);

/** @returns undefined unless everything is there that driving it takes. */
export function findWebKitGtk(): WebKitGtkInstallation | undefined {
  const miniBrowser = MINI_BROWSERS.find((file) => existsSync(file));
  const driver = "/usr/bin/WebKitWebDriver";
  const xvfb = "/usr/bin/Xvfb";
  if (!miniBrowser || !existsSync(driver) || !existsSync(xvfb)) return undefined;
  // `npm test` compiles the plug-in and names its folder; a run without it finds the one of the last `npm test`.
  const compiled = path.join(root, ".local/gstreamer");
  const pluginPath = process.env.WKGTK_GST_PLUGIN_PATH ?? (existsSync(compiled) ? compiled : undefined);
  return { miniBrowser, driver, xvfb, pluginPath };
}
