import type { ViewerEvent } from "./commands";
import type { OpenViewer } from "./watched-phone";

/** A worker for one phone. */
export const openViewerWorker: OpenViewer = (events) => {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  worker.onmessage = ({ data }: MessageEvent<ViewerEvent>) => events.event(data);
  worker.onerror = (event) => events.failed(event.message || "its code did not load");
  return {
    post: (command, transfer = []) => worker.postMessage(command, transfer),
    terminate: () => worker.terminate(),
  };
};

/** @returns the Web API that is missing here, or null where live streams can be shown. */
export function missingForWatching(): string | null {
  if (typeof Worker === "undefined") return "Worker";
  if (typeof VideoDecoder === "undefined") return "WebCodecs";
  if (typeof HTMLCanvasElement.prototype.transferControlToOffscreen !== "function") return "OffscreenCanvas";
  return null;
}
