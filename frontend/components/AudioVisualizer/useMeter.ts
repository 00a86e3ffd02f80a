import { type RefObject, useEffect } from "react";
import type { LevelSource } from "@/model/device";
import { drawWaveform, LevelHistory } from "./drawWaveform";
import { MeterBallistics, type MeterReading, spellLevel, toSteps } from "./levels";

/** How many steps the meter has where less motion is asked for. */
export const STEPS = 5;
/** Thirty pictures a second: under Low Power Mode iOS gives no more, and nobody sees more. */
const DRAW_EVERY_MS = 33;
/** In steps, as slow as the eye of a person who asked for calm. */
const STEP_EVERY_MS = 250;
/** Screen readers poll a meter; faster is noise. */
const SPELL_EVERY_MS = 1000;

type Meter = {
  /** null: nothing is heard, and the meter stands at zero. */
  source: LevelSource | null;
  root: RefObject<HTMLDivElement | null>;
  canvas: RefObject<HTMLCanvasElement | null>;
};

/** Draws levels as they come, past React: custom properties for the bar, a canvas for the waveform. */
export function useMeter({ source, root, canvas }: Meter): void {
  useEffect(() => {
    const element = root.current;
    if (!element) return;
    const meter = element.querySelector("[data-part=meter]");
    if (!source) {
      show(element, { level: 0, peak: 0, clipping: false }, 0);
      meter?.setAttribute("aria-valuenow", "0");
      return;
    }
    const ballistics = new MeterBallistics();
    const history = new LevelHistory();
    let reading: MeterReading = { level: 0, peak: 0, clipping: false };
    let frame = 0;
    let drawnAt = Number.NEGATIVE_INFINITY;
    let steppedAt = Number.NEGATIVE_INFINITY;
    let spelledAt = Number.NEGATIVE_INFINITY;

    const draw = (now: number) => {
      frame = 0;
      if (now - drawnAt < DRAW_EVERY_MS) {
        frame = requestAnimationFrame(draw);
        return;
      }
      drawnAt = now;
      const calm = wantsLessMotion();
      element.dataset.meter = calm ? "steps" : "smooth";
      if (calm) {
        if (now - steppedAt >= STEP_EVERY_MS) {
          steppedAt = now;
          show(element, reading, toSteps(reading.level, STEPS));
        }
      } else {
        show(element, reading, toSteps(reading.level, STEPS));
        const style = getComputedStyle(element);
        if (canvas.current) drawWaveform(canvas.current, history, style.color, style.direction === "rtl");
      }
      if (now - spelledAt >= SPELL_EVERY_MS) {
        spelledAt = now;
        meter?.setAttribute("aria-valuenow", String(Math.round(reading.level * 100)));
        meter?.setAttribute("aria-valuetext", spellLevel(reading));
      }
    };
    const unsubscribe = source.subscribe((level) => {
      reading = ballistics.update(level, performance.now());
      history.push(reading.level);
      // a hidden page gets no frame: one waits, and draws the newest reading on return
      if (frame === 0) frame = requestAnimationFrame(draw);
    });
    // a canvas keeps its bitmap when its box changes, and shows it stretched
    const resized = new ResizeObserver(() => {
      if (frame === 0) frame = requestAnimationFrame(draw);
    });
    resized.observe(element);
    return () => {
      unsubscribe();
      resized.disconnect();
      cancelAnimationFrame(frame);
    };
  }, [source, root, canvas]);
}

function show(element: HTMLElement, { level, peak, clipping }: MeterReading, steps: number): void {
  element.style.setProperty("--level", level.toFixed(3));
  element.style.setProperty("--peak", peak.toFixed(3));
  element.dataset.steps = String(steps);
  element.dataset.clipping = String(clipping);
}

function wantsLessMotion(): boolean {
  return (
    document.documentElement.dataset.motion === "reduced" ||
    matchMedia("(prefers-reduced-motion: reduce)").matches
  );
}
