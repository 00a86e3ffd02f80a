/** The worker of one stream: its socket and what it keeps live here, away from whatever blocks the page. */
import type { WorkerCommand, WorkerEvent } from "./commands";
import { StreamHost } from "./host";
import { browserHost } from "./host-environment";

const port = self as unknown as {
  onmessage: ((event: MessageEvent<WorkerCommand>) => void) | null;
  postMessage(event: WorkerEvent): void;
};

const host = new StreamHost(browserHost, (event) => port.postMessage(event));
port.onmessage = ({ data }) => host.handle(data);
port.postMessage({ kind: "loaded" });
