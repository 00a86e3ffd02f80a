import { systemClock } from "../clock";
import { openBrowserSocket } from "../transport";
import type { HostEnvironment } from "./host";

/** The browser's side of a host. */
export const browserHost: HostEnvironment = {
  clock: systemClock,
  openSocket: openBrowserSocket,
  // Fetched when a stream begins: when it is needed there may be no connection.
  openStorage: async (session, stream) => (await import("../storage")).openStreamStorage(session, stream),
  loadCodecs: async () => (await import("./codecs")).browserCodecs,
};
