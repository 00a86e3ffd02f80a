/**
 * The one face of the seam between the page and a stream's worker: commands and events, the proxy on the page, the host
 * in the worker.
 */
export type { ProbeRequest, SendOptions, WorkerCommand, WorkerEvent } from "./commands";
export { browserWorkers } from "./environment";
export type { HostEvents, HostPort } from "./open-host";
export type { EncoderSettings, WorkerEnvironment } from "./preparation";
export { StreamProxy } from "./proxy";
export { type RestoredEvent, RestoredStream } from "./restored-stream";
export type { StreamEvent } from "./stream-event";
