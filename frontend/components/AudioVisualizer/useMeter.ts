import { type RefObject, useEffect } from "react";
import type { LevelSource } from "twincast";
import { READABLE_EVERY_MS, untilNextMs } from "../shared/together";
import { MeterBallistics, type MeterReading, spellLevel, toSteps } from "./levels";
import { HISTORY } from "./meterPainter";
import { type MeterSurface, onWorkerLost, openMeterSurface } from "./meterSurface";

/** How many steps the meter has where less motion is asked for. */
export const STEPS = 5;
/**
 * Twelve pictures a second, as many as levels come: what is read, not watched, needs no more, and each one costs battery.
 * Where the page draws, every sixth falls into the frame in which figures are written.
 */
const DRAW_EVERY_MS = READABLE_EVERY_MS / 6;
/** In steps, as slow as the eye of a person who asked for calm. */
const STEP_EVERY_MS = 250;
/** Screen readers poll a meter; faster is noise. */
const SPELL_EVERY_MS = 1000;

type Meter = {
  /** null: nothing is heard, and the meter stands at zero. */
  source: LevelSource | null;
  root: RefObject<HTMLDivElement | null>;
  canvas: RefObject<HTMLCanvasElement | null>;
  /** Another number for another canvas; null for none. */
  canvasNumber: number | null;
  /** Stable. Nothing can be drawn on the canvas any more: another one is wanted. */
  onCanvasLost: () => void;
};

/** Draws levels as they come, past React. */
export function useMeter({ source, root, canvas, canvasNumber, onCanvasLost }: Meter): void {
  useEffect(() => {
    const element = root.current;
    const meter = element?.querySelector("[data-part=meter]");
    if (!element || !meter) return;
    if (!source) {
      note(element, "clipping", "false");
      note(element, "steps", "0");
      meter.setAttribute("aria-valuenow", "0");
      return;
    }
    return drawLevels(source, element, meter, canvasNumber === null ? null : canvas.current, onCanvasLost);
  }, [source, root, canvas, canvasNumber, onCanvasLost]);
}

/** @returns the function that ends it. */
function drawLevels(
  source: LevelSource,
  element: HTMLElement,
  meter: Element,
  canvas: HTMLCanvasElement | null,
  onCanvasLost: () => void,
): () => void {
  const ballistics = new MeterBallistics();
  let reading: MeterReading = { level: 0, peak: 0, clipping: false };
  let undrawn: number[] = [];
  let surface: MeterSurface | null = null;
  let leaveWorker = () => {};
  let isOver = false;
  let frame = 0;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let steppedAt = Number.NEGATIVE_INFINITY;
  let spelledAt = Number.NEGATIVE_INFINITY;
  const sizes = { width: 0, height: 0, barHeight: 0 };
  const lessMotion = matchMedia("(prefers-reduced-motion: reduce)");
  const wantsLessMotion = () => document.documentElement.dataset.motion === "reduced" || lessMotion.matches;

  const tellLook = () => {
    const { color: ink, outlineColor: tone, direction } = getComputedStyle(element);
    surface?.take({ kind: "look", look: { ink, tone, isRtl: direction === "rtl" } });
  };
  const tellBox = () => {
    surface?.take({ kind: "box", box: { ...sizes, pixelRatio: window.devicePixelRatio || 1 } });
  };

  const draw = () => {
    frame = 0;
    const nowMs = performance.now();
    const isSpelled = nowMs - spelledAt >= SPELL_EVERY_MS;
    if (isSpelled) {
      spelledAt = nowMs;
      meter.setAttribute("aria-valuenow", String(Math.round(reading.level * 100)));
      meter.setAttribute("aria-valuetext", spellLevel(reading));
    }
    // The theme may have changed meanwhile.
    if (note(element, "clipping", String(reading.clipping)) || isSpelled) tellLook();
    const isCalm = wantsLessMotion();
    note(element, "meter", isCalm ? "steps" : "smooth");
    if (!isCalm && surface) {
      surface.take({ kind: "levels", levels: undrawn, peak: reading.peak });
      undrawn = [];
      // Until then it is blank, or stands at zero.
      if (canvas) note(canvas, "drawn", "true");
    }
    // Only where they are seen: each change has the style of every step looked up.
    if (isCalm && nowMs - steppedAt >= STEP_EVERY_MS) {
      steppedAt = nowMs;
      note(element, "steps", String(toSteps(reading.level, STEPS)));
    }
  };
  const drawWhenDue = () => {
    timer = null;
    if (surface?.drawnBy === "worker") draw();
    // A hidden page gets no frame: one waits, and draws the newest reading on return.
    else frame = requestAnimationFrame(draw);
  };
  // By a timer: a frame that is asked for and then not drawn costs the page's thread as much as one that is.
  const drawSoon = () => {
    if (frame === 0) timer ??= setTimeout(drawWhenDue, untilNextMs(DRAW_EVERY_MS));
  };
  const unsubscribe = source.subscribe((level) => {
    reading = ballistics.update(level, performance.now());
    undrawn = [...undrawn, reading.level].slice(-HISTORY);
    // Nobody sees it, and a worker would draw it all the same.
    if (!document.hidden) drawSoon();
  });
  // A canvas keeps its bitmap when its box changes, and shows it stretched. Asking for the box would have the page laid out.
  const resized = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) {
      if (target === meter) sizes.barHeight = contentRect.height;
      if (target === canvas) Object.assign(sizes, { width: contentRect.width, height: contentRect.height });
    }
    tellBox();
  });
  resized.observe(meter);
  if (canvas) {
    resized.observe(canvas);
    void openMeterSurface(canvas).then((opened) => {
      if (isOver) {
        if (!canvas.isConnected) opened.close();
        return;
      }
      surface = opened;
      if (surface.drawnBy === "worker") leaveWorker = onWorkerLost(onCanvasLost);
      tellBox();
      tellLook();
      drawSoon();
    });
  }
  return () => {
    isOver = true;
    unsubscribe();
    leaveWorker();
    resized.disconnect();
    if (timer !== null) clearTimeout(timer);
    cancelAnimationFrame(frame);
    // Effects also run anew around a canvas that stays.
    if (!canvas?.isConnected) surface?.close();
  };
}

/** An attribute that is written anew is a change, even to what it was. @returns whether it was another. */
function note(element: HTMLElement, name: "meter" | "steps" | "clipping" | "drawn", value: string): boolean {
  if (element.dataset[name] === value) return false;
  element.dataset[name] = value;
  return true;
}
