/** Workers on the test's thread that run the real host, and nothing that captures. */
import { type HostEnvironment, StreamHost } from "../host";
import type { WorkerEnvironment } from "../preparation";

export interface HostWorkers extends WorkerEnvironment {
  /** How many are open now. */
  readonly open: number;
}

export function hostWorkers(environment: Omit<HostEnvironment, "loadCodecs">): HostWorkers {
  let open = 0;
  return {
    clock: environment.clock,
    openWorker: (events) => {
      let isOpen = true;
      open++;
      const loadCodecs = () => Promise.reject(new Error("Nothing is encoded."));
      const host = new StreamHost({ ...environment, loadCodecs }, (event) => isOpen && events.event(event));
      queueMicrotask(() => events.event({ kind: "loaded" }));
      return {
        post: (command) => host.handle(command),
        close: () => {
          if (!isOpen) return;
          isOpen = false;
          open--;
          host.close();
        },
      };
    },
    openOnPage: () => Promise.reject(new Error("There are workers.")),
    loadCapture: () => Promise.reject(new Error("Nothing is captured.")),
    get open() {
      return open;
    },
  };
}
