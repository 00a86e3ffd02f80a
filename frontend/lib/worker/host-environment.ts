import { systemClock } from "../clock";
import { openBrowserSocket } from "../transport";
import type { HostEnvironment } from "./host";

/** The browser's side of a host. */
export const browserHost: HostEnvironment = {
  clock: systemClock,
  openSocket: openBrowserSocket,
  loadCodecs: async () => (await import("./codecs")).browserCodecs,
};
