/** How many blocks of the past are shown; at 20 blocks a second, about three seconds. */
const HISTORY = 64;

/** The last meter levels, oldest first, in a ring that never grows. */
export class LevelHistory {
  readonly #levels = new Float32Array(HISTORY);
  #next = 0;

  push(level: number): void {
    this.#levels[this.#next] = level;
    this.#next = (this.#next + 1) % HISTORY;
  }

  /** @param index 0 for the oldest. */
  at(index: number): number {
    return this.#levels[(this.#next + index) % HISTORY] ?? 0;
  }
}

/**
 * Draws the past as bars around the middle, the newest at the end that text runs to.
 *
 * @param color any CSS colour.
 */
export function drawWaveform(
  canvas: HTMLCanvasElement,
  history: LevelHistory,
  color: string,
  rtl: boolean,
): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const { width, height } = fitToBox(canvas);
  context.clearRect(0, 0, width, height);
  context.fillStyle = color;
  const step = width / HISTORY;
  const bar = Math.max(1, step * 0.55);
  for (let i = 0; i < HISTORY; i++) {
    const length = Math.max(bar, history.at(i) * height);
    const x = (rtl ? HISTORY - 1 - i : i) * step;
    // the past fades
    context.globalAlpha = 0.35 + (0.65 * i) / HISTORY;
    context.beginPath();
    context.roundRect(x, (height - length) / 2, bar, length, bar / 2);
    context.fill();
  }
  context.globalAlpha = 1;
}

/** Two pixels per CSS pixel are enough for the eye, and a third costs battery. */
const MAX_PIXEL_RATIO = 2;

function fitToBox(canvas: HTMLCanvasElement): { width: number; height: number } {
  const ratio = Math.min(MAX_PIXEL_RATIO, window.devicePixelRatio || 1);
  const width = Math.round(canvas.clientWidth * ratio);
  const height = Math.round(canvas.clientHeight * ratio);
  // setting the size clears the canvas and its state, so only where it changed
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  return { width, height };
}
