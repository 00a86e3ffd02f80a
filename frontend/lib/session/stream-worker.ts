/** The worker of one stream: its socket and outbox live here, away from whatever blocks the page. */
import { type HostCommand, type HostEvent, StreamHost } from "./stream-host";

const port = self as unknown as {
  onmessage: ((event: MessageEvent<HostCommand>) => void) | null;
  postMessage(event: HostEvent): void;
};

const host = new StreamHost((event) => port.postMessage(event));
port.onmessage = ({ data }) => host.handle(data);
port.postMessage({ kind: "loaded" });
