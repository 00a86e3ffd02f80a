/** What the meter looks like where it stands. */
export interface MeterLook {
  /** Of the waveform and the held peak, any CSS colour. */
  readonly ink: string;
  /** Of the level. */
  readonly tone: string;
  readonly isRtl: boolean;
}

/** CSS pixels. */
export interface MeterBox {
  readonly width: number;
  readonly height: number;
  /** Of the level's bar, along the lower edge. */
  readonly barHeight: number;
  /** Device pixels per CSS pixel. */
  readonly pixelRatio: number;
}

/** What a painter is told. */
export type MeterOrder =
  | { readonly kind: "look"; readonly look: MeterLook }
  | { readonly kind: "box"; readonly box: MeterBox }
  /** @param levels those since the last such order, 0 to 1, oldest first. @param peak the held one, 0 to 1. */
  | { readonly kind: "levels"; readonly levels: readonly number[]; readonly peak: number };

/** How many levels of the past are shown; at twelve a second, about five seconds. */
export const HISTORY = 64;
/** Two pixels per CSS pixel are enough for the eye, and a third costs battery. */
const MAX_PIXEL_RATIO = 2;
/** The mark of the held peak is this much of the bar's height wide, and the bars of the past this high of the box. */
const PEAK_WIDTH = 0.75;
const WAVE_HEIGHT = 22 / 30;

/** Draws the past as bars around a middle, the newest at the end that text runs to, and below it the level and its peak. */
export class MeterPainter {
  readonly #canvas: HTMLCanvasElement | OffscreenCanvas;
  readonly #context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D | null;
  readonly #levels = new Float32Array(HISTORY);
  #next = 0;
  #peak = 0;
  #look: MeterLook | null = null;
  #box: MeterBox | null = null;

  constructor(canvas: HTMLCanvasElement | OffscreenCanvas) {
    this.#canvas = canvas;
    // One signature for both kinds of canvas: the union has none.
    const either: {
      getContext(kind: "2d"): CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D | null;
    } = canvas as HTMLCanvasElement;
    this.#context = either.getContext("2d");
  }

  /** Draws anew, as soon as a look and a box are known. */
  take(order: MeterOrder): void {
    switch (order.kind) {
      case "look":
        this.#look = order.look;
        break;
      case "box":
        this.#box = order.box;
        break;
      case "levels":
        for (const level of order.levels) {
          this.#levels[this.#next] = level;
          this.#next = (this.#next + 1) % HISTORY;
        }
        this.#peak = order.peak;
    }
    if (this.#context && this.#look && this.#box) this.#draw(this.#context, this.#look, this.#box);
  }

  /** @param index 0 for the oldest. */
  #at(index: number): number {
    return this.#levels[(this.#next + index) % HISTORY] ?? 0;
  }

  #draw(
    context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D,
    look: MeterLook,
    box: MeterBox,
  ): void {
    const { width, height, barHeight } = this.#fit(box);
    context.clearRect(0, 0, width, height);
    const waveHeight = Math.round(height * WAVE_HEIGHT);
    const step = width / HISTORY;
    const bar = Math.max(1, step * 0.55);
    // The past fades.
    const fade = context.createLinearGradient(look.isRtl ? width : 0, 0, look.isRtl ? 0 : width, 0);
    fade.addColorStop(0, "rgb(0 0 0 / 0.35)");
    fade.addColorStop(1, "rgb(0 0 0)");
    context.beginPath();
    for (let i = 0; i < HISTORY; i++) {
      const length = Math.max(bar, this.#at(i) * waveHeight);
      const x = (look.isRtl ? HISTORY - 1 - i : i) * step;
      context.roundRect(x, (waveHeight - length) / 2, bar, length, bar / 2);
    }
    context.fillStyle = look.ink;
    context.fill();
    // In two strokes instead of one for each bar.
    context.globalCompositeOperation = "destination-in";
    context.fillStyle = fade;
    context.fillRect(0, 0, width, height);
    context.globalCompositeOperation = "source-over";

    context.save();
    const top = height - barHeight;
    context.beginPath();
    context.roundRect(0, top, width, barHeight, barHeight / 2);
    context.clip();
    if (look.isRtl) context.setTransform(-1, 0, 0, 1, width, 0);
    context.fillStyle = look.tone;
    context.beginPath();
    context.roundRect(0, top, width * this.#at(HISTORY - 1), barHeight, barHeight / 2);
    context.fill();
    const peakWidth = barHeight * PEAK_WIDTH;
    context.fillStyle = look.ink;
    context.beginPath();
    context.roundRect(width * this.#peak - peakWidth, top, peakWidth, barHeight, peakWidth / 2);
    context.fill();
    context.restore();
  }

  /** @returns device pixels */
  #fit(box: MeterBox): { width: number; height: number; barHeight: number } {
    const ratio = Math.min(MAX_PIXEL_RATIO, box.pixelRatio);
    const width = Math.round(box.width * ratio);
    const height = Math.round(box.height * ratio);
    // setting the size clears the canvas and its state, so only where it changed
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      this.#canvas.width = width;
      this.#canvas.height = height;
    }
    return { width, height, barHeight: Math.round(box.barHeight * ratio) };
  }
}
