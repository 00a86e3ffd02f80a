/** The worker of one stream: its socket and what it keeps live here, away from whatever blocks the page. */
import { type ClockReading, systemClock } from "../clock";
import type { WorkerCommand, WorkerEvent } from "./commands";
import { StreamHost } from "./host";
import { browserHost } from "./host-environment";

const port = self as unknown as {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(event: WorkerEvent): void;
};

const host = new StreamHost(browserHost, (event) => port.postMessage(event));
/** The page's clock comes first, by which everything is stamped; then its commands. */
port.onmessage = ({ data: reading }: MessageEvent<ClockReading>) => {
  systemClock.follow(reading);
  port.onmessage = ({ data: command }: MessageEvent<WorkerCommand>) => host.handle(command);
};
port.postMessage({ kind: "loaded" });
