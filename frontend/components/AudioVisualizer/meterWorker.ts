/** Draws meters on canvases that the page has handed over: the page's own thread then has no frame to make for them. */

import { type MeterWorkerCommand, type MeterWorkerEvent, ORDERS_PER_ANSWER } from "./meterCommands";
import { MeterPainter } from "./meterPainter";

interface Port {
  onmessage: ((message: MessageEvent<MeterWorkerCommand>) => void) | null;
  postMessage(message: MeterWorkerEvent): void;
}

const painters = new Map<number, MeterPainter>();
let orders = 0;
// A worker's global is not a window, which is the only one whose types are here.
const port = globalThis as unknown as Port;

port.onmessage = ({ data }) => {
  switch (data.kind) {
    case "canvas":
      painters.set(data.id, new MeterPainter(data.canvas));
      break;
    case "order":
      painters.get(data.id)?.take(data.order);
      if (++orders % ORDERS_PER_ANSWER === 0) port.postMessage("alive");
      break;
    case "gone":
      painters.delete(data.id);
  }
};
port.postMessage("ready");
