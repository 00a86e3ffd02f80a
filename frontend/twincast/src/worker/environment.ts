/**
 * This browser's side of the seam: real workers, and code that is fetched when it is needed.
 */
import { systemClock } from "../clock";
import { transferOf, type WorkerEvent } from "./commands";
import type { WorkerEnvironment } from "./preparation";

export const browserWorkers: WorkerEnvironment = {
  clock: systemClock,
  openWorker: ({ event, failed }) => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<WorkerEvent>) => {
      // Before any command: what the worker stamps is compared with the page's stamps, and with another worker's.
      if (data.kind === "loaded") worker.postMessage(systemClock.read());
      event(data);
    };
    worker.onerror = (error) => {
      error.preventDefault();
      failed(error.message || "the worker did not load");
    };
    worker.onmessageerror = () => failed("a message of the worker could not be read");
    return {
      post: (command) => worker.postMessage(command, transferOf(command)),
      close: () => worker.terminate(),
    };
  },
  // Its code comes only here: most pages never need it, because the worker brings its own.
  openOnPage: async ({ event }) => {
    const [{ StreamHost }, { browserHost }] = await Promise.all([
      import("./host"),
      import("./host-environment"),
    ]);
    const host = new StreamHost(browserHost, event);
    return { post: (command) => host.handle(command), close: () => host.close() };
  },
  loadCapture: async () => (await import("./capture")).browserCapture,
};
