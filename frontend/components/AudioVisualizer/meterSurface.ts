import { type MeterWorkerCommand, type MeterWorkerEvent, ORDERS_PER_ANSWER } from "./meterCommands";
import { type MeterOrder, MeterPainter } from "./meterPainter";

/** Where a meter is drawn. */
export interface MeterSurface {
  /** Whether a picture belongs into a frame of the page, or the worker makes its own. */
  readonly drawnBy: "page" | "worker";
  take(order: MeterOrder): void;
  /** The canvas has left the page. */
  close(): void;
}

/** After so long without the worker's word the page draws, ms. */
const WORKER_LIMIT_MS = 3_000;
/** Orders, not time: a page that was frozen has given none. */
const MAX_UNANSWERED = 4 * ORDERS_PER_ANSWER;

/** A canvas is handed over once and for good, whatever is mounted anew around it. */
const surfaces = new WeakMap<HTMLCanvasElement, MeterSurface>();
const lostListeners = new Set<() => void>();
let worker: Promise<Worker | null> | undefined;
let unanswered = 0;
let nextId = 0;

/**
 * @returns where the canvas is drawn on: by a worker in Chromium, where the worker's code came, else by the page. The same for
 * the same canvas.
 */
export async function openMeterSurface(canvas: HTMLCanvasElement): Promise<MeterSurface> {
  // A canvas that was asked for its context is the page's for good, so this waits for the worker's word.
  worker ??= openWorker();
  const opened = await worker;
  const known = surfaces.get(canvas);
  if (known) return known;
  const surface = opened ? inWorker(opened, canvas) : onPage(canvas);
  surfaces.set(canvas, surface);
  return surface;
}

/**
 * Calls `listener` when the worker is silent: iOS ends workers without an event. What was handed over is lost with it; other
 * canvases are the page's from then on.
 *
 * @returns the function that ends the subscription.
 */
export function onWorkerLost(listener: () => void): () => void {
  lostListeners.add(listener);
  return () => void lostListeners.delete(listener);
}

/** @returns null where there is none to be had */
function openWorker(): Promise<Worker | null> {
  // In Chromium alone, where it was measured to spare the page's thread: what it costs elsewhere is not known.
  const isChromium = "userAgentData" in navigator;
  if (!isChromium || typeof HTMLCanvasElement.prototype.transferControlToOffscreen !== "function")
    return Promise.resolve(null);
  return new Promise((resolve) => {
    let opening: Worker;
    try {
      opening = new Worker(new URL("./meterWorker.ts", import.meta.url), { type: "module", name: "meter" });
    } catch {
      // A policy of the site may allow no worker.
      resolve(null);
      return;
    }
    const giveUp = () => {
      opening.terminate();
      resolve(null);
    };
    const limit = setTimeout(giveUp, WORKER_LIMIT_MS);
    opening.onmessage = (_: MessageEvent<MeterWorkerEvent>) => {
      clearTimeout(limit);
      unanswered = 0;
      resolve(opening);
    };
    opening.onerror = (error) => {
      error.preventDefault();
      clearTimeout(limit);
      giveUp();
    };
  });
}

function inWorker(opened: Worker, canvas: HTMLCanvasElement): MeterSurface {
  const id = nextId++;
  const post = (command: MeterWorkerCommand, transfer: Transferable[] = []) =>
    opened.postMessage(command, transfer);
  const offscreen = canvas.transferControlToOffscreen();
  post({ kind: "canvas", id, canvas: offscreen }, [offscreen]);
  return {
    drawnBy: "worker",
    take: (order) => {
      post({ kind: "order", id, order });
      if (++unanswered === MAX_UNANSWERED) lose(opened);
    },
    close: () => post({ kind: "gone", id }),
  };
}

function lose(lost: Worker): void {
  lost.terminate();
  worker = Promise.resolve(null);
  for (const listener of [...lostListeners]) listener();
}

function onPage(canvas: HTMLCanvasElement): MeterSurface {
  const painter = new MeterPainter(canvas);
  return { drawnBy: "page", take: (order) => painter.take(order), close: () => {} };
}
