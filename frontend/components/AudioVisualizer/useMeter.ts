import { type RefObject, useEffect } from "react";
import type { LevelSource } from "@/model/device";
import { drawWaveform, LevelHistory } from "./drawWaveform";
import { MeterBallistics, type MeterReading, spellLevel, toSteps } from "./levels";

/** How many steps the meter has where less motion is asked for. */
export const STEPS = 5;
/** Fifteen pictures a second: a level that is read, not watched, needs no more, and each one costs battery. */
const DRAW_EVERY_MS = 66;
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
    const show = shower(element);
    if (!source) {
      show({ level: 0, peak: 0, clipping: false });
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
    let color = "";
    let isRtl = false;

    const draw = (now: number) => {
      frame = 0;
      if (now - drawnAt < DRAW_EVERY_MS) {
        frame = requestAnimationFrame(draw);
        return;
      }
      drawnAt = now;
      const isSpelled = now - spelledAt >= SPELL_EVERY_MS;
      if (isSpelled) {
        spelledAt = now;
        const style = getComputedStyle(element);
        color = style.color;
        isRtl = style.direction === "rtl";
        meter?.setAttribute("aria-valuenow", String(Math.round(reading.level * 100)));
        meter?.setAttribute("aria-valuetext", spellLevel(reading));
      }
      const calm = wantsLessMotion();
      note(element, "meter", calm ? "steps" : "smooth");
      if (!calm) {
        show(reading, isRtl);
        if (canvas.current) drawWaveform(canvas.current, history, color, isRtl);
      } else if (now - steppedAt >= STEP_EVERY_MS) {
        steppedAt = now;
        show(reading, isRtl);
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

/** Writes what changed, and to the two parts that move only: the compositor does the rest, and nothing is laid out. */
function shower(element: HTMLElement): (reading: MeterReading, isRtl?: boolean) => void {
  const level = element.querySelector<HTMLElement>("[data-part=level]");
  const peak = element.querySelector<HTMLElement>("[data-part=peak]");
  return (reading, isRtl = false) => {
    if (level) level.style.transform = `scaleX(${reading.level.toFixed(2)})`;
    if (peak) peak.style.transform = `translateX(${isRtl ? "-" : ""}${(reading.peak * 100).toFixed(0)}%)`;
    note(element, "steps", String(toSteps(reading.level, STEPS)));
    note(element, "clipping", String(reading.clipping));
  };
}

/** An attribute that is written anew is a change, even to what it was. */
function note(element: HTMLElement, name: "meter" | "steps" | "clipping", value: string): void {
  if (element.dataset[name] !== value) element.dataset[name] = value;
}

function wantsLessMotion(): boolean {
  return (
    document.documentElement.dataset.motion === "reduced" ||
    matchMedia("(prefers-reduced-motion: reduce)").matches
  );
}
