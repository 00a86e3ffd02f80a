/**
 * The page's end of one stream: hands chunks over and hears what became of them.
 */

import type { PcmInput } from "../capture/audio/pcm-input";
import type { ChunkSink } from "../capture/types";
import type { FrameInput } from "../capture/video/frame-input";
import type { HostCommand, HostEvent } from "./stream-host";

export interface StreamLink {
  /** What the stream's encoder writes into. */
  readonly sink: ChunkSink;
  send(command: Exclude<HostCommand, { kind: "segment" | "chunk" | "segment-end" }>): void;
  /** Ends the worker; nothing is heard any more. */
  dispose(): void;
}

export type CreateLink = (onEvent: (event: HostEvent) => void) => StreamLink;

/** In a worker of its own, or on the page when the worker does not start (no workers here, or a policy forbids it). */
export const createStreamLink: CreateLink = (onEvent) => {
  // Held back until the host runs: a chunk whose buffer went to a worker that never loads would be lost.
  const waiting: HostCommand[] = [];
  let deliver = (command: HostCommand): void => {
    waiting.push(command);
  };
  let dispose = () => {};
  const moveTo = (next: (command: HostCommand) => void) => {
    deliver = next;
    for (const command of waiting.splice(0)) next(command);
  };

  // Its code comes only here: most pages never need it, because the worker brings its own.
  const moveToPage = () => {
    let isDisposed = false;
    dispose = () => {
      isDisposed = true;
    };
    import("./stream-host").then(
      ({ StreamHost }) => {
        if (isDisposed) return;
        const host = new StreamHost(onEvent);
        moveTo((command) => host.handle(command));
      },
      (cause: unknown) => {
        if (!isDisposed) onEvent({ kind: "unavailable", detail: String(cause) });
      },
    );
  };

  try {
    const worker = new Worker(new URL("./stream-worker.ts", import.meta.url), { type: "module" });
    dispose = () => worker.terminate();
    let isLoaded = false;
    worker.onmessage = ({ data }: MessageEvent<HostEvent>) => {
      if (data.kind !== "loaded") return onEvent(data);
      isLoaded = true;
      moveTo((command) => worker.postMessage(command, transferables(command)));
    };
    worker.onerror = (event) => {
      if (isLoaded) return;
      event.preventDefault();
      worker.terminate();
      moveToPage();
    };
  } catch {
    moveToPage();
  }

  const send = (command: HostCommand) => deliver(command);
  return {
    sink: {
      segment: (info) => send({ kind: "segment", info }),
      chunk: (chunk) => send({ kind: "chunk", chunk }),
      segmentEnd: () => send({ kind: "segment-end" }),
    },
    send,
    dispose: () => dispose(),
  };
};

function transferables(command: HostCommand): Transferable[] {
  switch (command.kind) {
    case "chunk":
      return [command.chunk.payload.buffer];
    case "encode":
      return inputTransferables(command.plan.input);
    case "encode-segment":
      return command.input ? inputTransferables(command.input) : [];
    case "start":
    case "segment":
    case "segment-end":
    case "muted":
    case "network":
    case "finish":
    case "abandon":
    case "probe":
    case "encode-details":
    case "encode-rate":
    case "encode-stop":
      return [];
  }
}

/** What carries frames or samples moves to the worker. Tracks and streams are not in TypeScript's list, but transfer. */
function inputTransferables(input: FrameInput | PcmInput): Transferable[] {
  if ("by" in input) return [input.by === "worklet" ? input.port : input.sound];
  switch (input.from) {
    case "frames":
      return [input.frames];
    case "track":
      return [input.track as unknown as Transferable];
    case "port":
      return [input.port];
  }
}
